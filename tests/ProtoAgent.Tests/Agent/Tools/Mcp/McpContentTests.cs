using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ProtoAgent.Agent.Tools.Mcp;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

public sealed class McpContentTests
{
    [Fact]
    public void Text_EveryKind_IsShownOrDescribed()
    {
        var text = McpContent.Text(new CallToolResult
        {
            Content =
            [
                new TextContentBlock { Text = "hello" },
                ImageContentBlock.FromBytes(new byte[5], "image/png"),
                AudioContentBlock.FromBytes(new byte[7], "audio/wav"),
                new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "file:///a", MimeType = "text/plain", Text = "inside" } },
                new EmbeddedResourceBlock { Resource = BlobResourceContents.FromBytes(new byte[9], "file:///b") },
                new ResourceLinkBlock { Uri = "file:///c", Name = "c", Description = "the third" },
            ],
        });
        text.Split('\n').ShouldBe(
        [
            "hello",
            "[an image, image/png, 5 bytes: it can't be shown here]",
            "[a sound, audio/wav, 7 bytes: it can't be played here]",
            "[resource file:///a, text/plain]", "inside",
            "[resource file:///b, 9 bytes: it can't be shown here]",
            "[link to the resource file:///c: c, the third]",
        ]);
    }

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": 1}""")]
    [InlineData("one", "one\n{\"a\":1}")]
    [InlineData(null, """{"a":1}""")]
    public void Text_StructuredContent_IsThereOnce(string? said, string expected)
    {
        using var structured = JsonDocument.Parse("""{"a":1}""");
        McpContent.Text(new CallToolResult { Content = said is null ? [] : [new TextContentBlock { Text = said }], StructuredContent = structured.RootElement }).ShouldBe(expected);
    }

    [Fact]
    public void Text_Nothing_SaysSo() => McpContent.Text(new CallToolResult()).ShouldContain("without any content");

    [Fact]
    public async Task Lines_LongerThanTheLimit_AreCut()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("one\r\n" + new string('x', 10_000) + "\n\nlast"));
        var lines = new List<string>();
        await foreach (var line in BoundedLines.ReadAsync(stream, 100))
        {
            lines.Add(line);
        }

        lines.ShouldBe(["one", new string('x', 100), "", "last"]);
    }

    [Fact]
    public async Task Limit_OneLineTooLong_Fails()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("0123456789\n0123456789\n01234567890"));
        await using var limited = new MessageLimit(stream, 10, isLines: true);
        var buffer = new byte[11];
        (await limited.ReadAsync(buffer)).ShouldBe(11);
        (await limited.ReadAsync(buffer)).ShouldBe(11);
        await Should.ThrowAsync<IOException>(limited.ReadAsync(buffer).AsTask());
    }

    [Fact]
    public async Task Limit_WholeStreamTooLong_Fails()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("01234\n56789"));
        await using var limited = new MessageLimit(stream, 10, isLines: false);
        var buffer = new byte[10];
        (await limited.ReadAsync(buffer)).ShouldBe(10);
        await Should.ThrowAsync<IOException>(limited.ReadAsync(buffer).AsTask());
    }
}
