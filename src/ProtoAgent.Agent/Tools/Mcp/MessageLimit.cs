namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>Passes a stream on, and fails once a message in it is too long: a server must not fill our memory.</summary>
/// <param name="isLines">A message is a line; else it is the whole stream.</param>
internal sealed class MessageLimit(Stream inner, int longest, bool isLines) : Stream
{
    /// <summary>Bytes; an answer with pictures in it may be large.</summary>
    public const int Longest = 64 << 20;

    private int _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        var end = isLines ? buffer.Span[..read].LastIndexOf((byte)'\n') : -1;
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
