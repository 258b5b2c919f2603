using System.Buffers;
using System.Text;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>Lines of a stream nobody vouches for.</summary>
internal static class BoundedLines
{
    /// <summary>To the end of the stream. What a line has beyond <paramref name="longest"/> bytes is read and dropped.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, int longest)
    {
        var (line, buffer) = (new ArrayBufferWriter<byte>(), new byte[4 * 1024]);
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            for (var rest = buffer.AsMemory(0, read); rest.Length > 0;)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var part = end < 0 ? rest : rest[..end];
                line.Write(part.Span[..Math.Min(part.Length, longest - line.WrittenCount)]);
                rest = end < 0 ? default : rest[(end + 1)..];
                if (end >= 0)
                {
                    yield return Take(line);
                }
            }
        }

        if (line.WrittenCount > 0)
        {
            yield return Take(line);
        }
    }

    private static string Take(ArrayBufferWriter<byte> line)
    {
        var text = Encoding.UTF8.GetString(line.WrittenSpan).TrimEnd('\r');
        line.ResetWrittenCount();
        return text;
    }
}
