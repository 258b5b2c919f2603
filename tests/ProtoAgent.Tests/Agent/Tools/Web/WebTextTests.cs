using System.Text;
using ProtoAgent.Agent.Tools.Web;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Web;

public sealed class WebTextTests
{
    public static TheoryData<byte[], string?, string> Bodies => new()
    {
        { Encoding.UTF8.GetBytes("grün"), null, "grün" },
        { Encoding.UTF8.GetBytes("grün"), "utf-8", "grün" },
        { Encoding.UTF8.GetBytes("grün"), "no-such-charset", "grün" },
        { Encoding.UTF8.GetBytes("grün"), "utf-7", "grün" },
        { Encoding.Latin1.GetBytes("grün"), "ISO-8859-1", "grün" },
        { [0x80, 0x93], "iso-8859-1", "€“" },
        { [0x80], "windows-1252", "€" },
        { [0xC0], "windows-1251", "А" },
        { [0x82, 0xA0], "Shift_JIS", "あ" },
        { [0xC4, 0xE3], "gb2312", "你" },
        { Encoding.Unicode.GetBytes("grün"), "utf-16le", "grün" },
        { [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("grün")], "utf-8", "grün" },
        { [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("grün")], "iso-8859-1", "grün" },
        { Encoding.Latin1.GetBytes("<meta charset=\"iso-8859-1\">grün"), null, "<meta charset=\"iso-8859-1\">grün" },
        { Encoding.Latin1.GetBytes("<META http-equiv=x content='text/html; charset=latin1'>ü"), null, "<META http-equiv=x content='text/html; charset=latin1'>ü" },
        { Encoding.Latin1.GetBytes("<?xml version='1.0' encoding='ISO-8859-1'?>ü"), null, "<?xml version='1.0' encoding='ISO-8859-1'?>ü" },
        { Encoding.UTF8.GetBytes("<meta charset=utf-16>ü"), null, "<meta charset=utf-16>ü" },
        { Encoding.UTF8.GetBytes("<meta charset=iso-8859-1>ü"), "utf-8", "<meta charset=iso-8859-1>ü" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Decode_ABody_ByMarkThenServerThenDocument(byte[] body, string? charset, string text) => WebText.Decode(body, charset).ShouldBe(text);

    [Theory]
    [InlineData("a\tb\r\nc", "a\tb\r\nc")]
    [InlineData("a\u0000\u001b\u007f\u009bb", "ab")]
    [InlineData("a\U000E0049\U000E007Fb", "ab")]
    [InlineData("שלום\u200F 😀", "שלום\u200F 😀")]
    public void Visible_AnyText_WithoutWhatNobodySees(string text, string visible) => WebText.Visible(text).ShouldBe(visible);

    [Theory]
    [InlineData("abc", 5, "abc")]
    [InlineData("abc", 2, "ab")]
    [InlineData("a😀b", 2, "a")]
    [InlineData("a😀b", 3, "a😀")]
    public void Start_ALength_NotWithinACharacter(string text, int length, string start) => WebText.Start(text, length).ShouldBe(start);
}
