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

/// <summary>Passes a stream on, and fails once a line of it is too long to be a message: a server must not fill our memory.</summary>
internal sealed class LineLimit(Stream inner, int longest) : Stream
{
    private int _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        var end = buffer.Span[..read].LastIndexOf((byte)'\n');
        _length = end < 0 ? _length + read : read - end - 1;
        return _length <= longest ? read : throw new IOException($"the server sent a message of more than {longest} bytes");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
