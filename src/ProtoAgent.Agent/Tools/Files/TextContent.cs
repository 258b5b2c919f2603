using System.Text;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>A file's bytes as text, and back without losing what an editor wouldn't show.</summary>
/// <param name="HasMark">It begins with the byte order mark of UTF-8, which is kept.</param>
internal sealed record TextContent(string Text, bool HasMark)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Every line ends in CR LF.</summary>
    public bool IsCrLf => Text.Contains("\r\n", StringComparison.Ordinal) && Text.AsSpan().Count('\n') == Text.AsSpan().Count("\r\n");

    /// <summary>Null if it is no text in UTF-8.</summary>
    public static TextContent? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
        {
            return null;
        }

        var hasMark = bytes.StartsWith(Mark);
        try
        {
            return new TextContent(Strict.GetString(hasMark ? bytes[Mark.Length..] : bytes), hasMark);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>To be split into lines: without the line break at the end, which begins no further one.</summary>
    public static ReadOnlySpan<char> Body(string text) => text.AsSpan(0, text.EndsWith('\n') ? text.Length - 1 : text.Length);

    /// <exception cref="ToolException">It is no text.</exception>
    public static TextContent Of(byte[] bytes, string path) => Decode(bytes) ?? throw new ToolException(
        $"'{Refusal.Shown(path)}' is a binary file of {bytes.Length:N0} bytes, or text in another encoding than UTF-8, and is not shown or edited.");

    /// <exception cref="ToolException">It holds half of a surrogate pair.</exception>
    public static byte[] Encode(string text, bool withMark = false)
    {
        try
        {
            var bytes = Strict.GetBytes(text);
            return withMark ? [.. Mark, .. bytes] : bytes;
        }
        catch (EncoderFallbackException e)
        {
            throw new ToolException($"The text is not valid Unicode: half of a surrogate pair stands at character {e.Index + 1:N0}. Give it without.", e);
        }
    }

    public byte[] Encode() => Encode(Text, HasMark);
}
