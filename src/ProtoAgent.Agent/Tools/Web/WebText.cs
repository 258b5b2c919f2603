using System.Text;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Tools.Web;

/// <summary>Bytes of a web server as text.</summary>
internal static partial class WebText
{
    /// <summary>Where a document must state its encoding (HTML, 4.2.5.4).</summary>
    private const int Prologue = 1024;

    /// <summary>By its byte order mark, else as the server says, else as the document says, else UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> body, string? charset)
    {
        var encoding = body switch
        {
            [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
            [0xFF, 0xFE, ..] => Encoding.Unicode,
            [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
            _ => Named(charset) ?? Named(Stated(body)) ?? Encoding.UTF8,
        };
        return encoding.GetString(body).TrimStart('\uFEFF');
    }

    /// <summary>
    /// Without what a person would not see and a model would: control characters, and the tag characters (U+E0000 to
    /// U+E007F) that can spell out a text behind a text.
    /// </summary>
    public static string Visible(string text) => Invisible().Replace(text, "");

    /// <summary>The beginning, not cut within a character.</summary>
    public static string Start(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static Encoding? Named(string? name)
    {
        // Who says Latin-1 means Windows' superset of it, as every browser reads it (Encoding standard, 4.2).
        var label = name?.Trim().ToLowerInvariant() switch
        {
            null or "" => null,
            "utf8" or "unicode-1-1-utf-8" => "utf-8",
            "iso-8859-1" or "iso8859-1" or "iso_8859-1" or "latin1" or "latin-1" or "l1" or "ascii" or "us-ascii" => "windows-1252",
            "gb2312" or "gbk" => "gb18030",
            "x-sjis" or "sjis" => "shift_jis",
            var other => other,
        };
        try
        {
            return label switch
            {
                null => null,
                "utf-8" => Encoding.UTF8,
                _ => CodePagesEncodingProvider.Instance.GetEncoding(label) ?? Encoding.GetEncoding(label),
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? Stated(ReadOnlySpan<byte> body)
    {
        var match = Declaration().Match(Encoding.Latin1.GetString(body[..Math.Min(body.Length, Prologue)]));

        // A declaration that can be read as ASCII is not in UTF-16, whatever it says.
        return !match.Success ? null : match.Groups["name"].Value is var name && name.StartsWith("utf-16", StringComparison.OrdinalIgnoreCase) ? "utf-8" : name;
    }

    [GeneratedRegex("""<(?:meta\b[^>]*?charset|\?xml\b[^>]*?encoding)\s*=\s*["']?\s*(?<name>[A-Za-z0-9._:-]+)""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F]|\uDB40[\uDC00-\uDC7F]")]
    private static partial Regex Invisible();
}
