using System.Text;

namespace ProtoAgent.ProcessTests.Fuzz;

/// <summary>One request on its way to being wrong.</summary>
internal sealed class FuzzRequest
{
    public required string Method { get; set; }

    public required string Target { get; set; }

    public string Version { get; set; } = "HTTP/1.1";

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[]? Body { get; set; }

    /// <summary>Set to what is sent in place of the body's true length; null sends that, empty none.</summary>
    public string? Length { get; set; }

    /// <summary>The body goes out in chunks, and these are wrong or right.</summary>
    public Func<byte[], byte[]>? Chunks { get; set; }

    /// <summary>The server waits for what never comes.</summary>
    public bool EndsHere { get; set; }

    public byte[] ToBytes()
    {
        var head = new StringBuilder($"{Method} {Target} {Version}\r\n");
        Headers.ForEach(h => head.Append(h.Name).Append(h.Name.Length > 0 ? ": " : "").Append(h.Value).Append("\r\n"));
        var body = Body ?? [];
        if (Chunks is not null)
        {
            head.Append("Transfer-Encoding: chunked\r\n");
            body = Chunks(body);
        }
        else if (Length is null && Body is not null)
        {
            head.Append("Content-Length: ").Append(body.Length).Append("\r\n");
        }
        else if (Length is { Length: > 0 })
        {
            head.Append("Content-Length: ").Append(Length).Append("\r\n");
        }

        head.Append("\r\n");

        // Latin-1 goes out byte for byte; what was meant as UTF-8 was made so before.
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. body];
    }

    /// <summary>As it can be read in a message.</summary>
    public override string ToString()
    {
        var text = Encoding.Latin1.GetString(ToBytes());
        text = text.Length > 3000 ? $"{text[..3000]}… ({text.Length} bytes)" : text;
        return string.Concat(text.Select(c => c is '\n' or >= ' ' and <= '~' ? c.ToString() : c == '\r' ? "" : $"\\x{(int)c:x2}"));
    }
}
