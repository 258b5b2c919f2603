using System.Buffers;
using System.Text;

namespace ProtoAgent.Agent.Tools.Processes;

/// <summary>What a program prints, up to a limit; the rest is read, so that the program does not block, and counted.</summary>
internal sealed class BoundedOutput(int kept)
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _dropped;

    /// <summary>To the end of the stream. May run for several streams at once.</summary>
    public async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                lock (_gate)
                {
                    var fits = (int)Math.Min(read, kept - _bytes.WrittenCount);
                    _bytes.Write(buffer.AsSpan(0, fits));
                    _dropped += read - fits;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed on our side: nobody waits for the rest.
        }
    }

    public string Text()
    {
        lock (_gate)
        {
            var bytes = _bytes.WrittenSpan;
            return _dropped == 0
                ? Encoding.UTF8.GetString(bytes)
                : $"{Encoding.UTF8.GetString(bytes[..WholeCharacters(bytes)])}\n[{_dropped} more bytes were printed and not kept]";
        }
    }

    /// <summary>Without the part of a character that a cut leaves at the end.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        var last = bytes.Length - 1;
        while (last >= 0 && bytes.Length - last < 4 && (bytes[last] & 0xc0) == 0x80)
        {
            last--;
        }

        var needed = last < 0 ? 0 : bytes[last] switch { >= 0xf0 => 4, >= 0xe0 => 3, >= 0xc0 => 2, _ => 1 };
        return last >= 0 && bytes.Length - last < needed ? last : bytes.Length;
    }
}
