using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProtoAgent.ProcessTests.Fuzz;

/// <summary>What came back for some bytes.</summary>
/// <param name="Status">0 when the connection was closed without an answer.</param>
/// <param name="Body">As Latin-1; empty for a stream, which is not read.</param>
internal sealed record RawAnswer(int Status, string Head, string Body);

/// <summary>A connection that sends whatever it is given: no client of HTTP in between corrects it.</summary>
internal sealed class RawConnection(int port) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private Socket? _socket;
    private int _start;
    private int _end;

    /// <param name="endsHere">Nothing follows, and the server is told so: what it waits for will never come.</param>
    /// <exception cref="OperationCanceledException">No whole answer came in time.</exception>
    public async Task<RawAnswer> SendAsync(byte[] request, bool endsHere, bool isHead, CancellationToken late)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                (_start, _end) = (0, 0);
                await _socket.ConnectAsync(IPAddress.Loopback, port, late);
            }

            // Answered while it is sent: who refuses a body does not read it.
            var sending = SendAllAsync(_socket, request, endsHere, late);
            var answer = await ReadAsync(isHead, late);
            await sending;
            if (endsHere || answer.Status is 0 || Has(answer.Head, "connection: close") || Has(answer.Head, "text/event-stream"))
            {
                Close();
            }

            return answer;
        }
        catch (SocketException)
        {
            Close();
            return new RawAnswer(0, "", "");
        }
    }

    public void Dispose() => Close();

    private static async Task SendAllAsync(Socket socket, byte[] request, bool endsHere, CancellationToken late)
    {
        try
        {
            for (var sent = 0; sent < request.Length;)
            {
                sent += await socket.SendAsync(request.AsMemory(sent), late);
            }

            if (endsHere)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has answered and closed: the answer says why.
        }
    }

    private async Task<RawAnswer> ReadAsync(bool isHead, CancellationToken late)
    {
        var head = new StringBuilder();
        do
        {
            head.Clear();
            while (await LineAsync(late) is { } line)
            {
                if (line.Length == 0 && head.Length > 0)
                {
                    break;
                }

                head.Append(line).Append('\n');
            }
        }
        while (head.ToString().StartsWith("HTTP/1.1 100", StringComparison.Ordinal));

        var text = head.ToString();
        if (text.Length == 0)
        {
            return new RawAnswer(0, "", "");
        }

        if (!text.StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(text.AsSpan(9, 3), out var status))
        {
            throw new InvalidDataException($"This is no answer: {text}");
        }

        var body = new StringBuilder();
        if (isHead || status is 204 or 304 || Has(text, "text/event-stream"))
        {
            return new RawAnswer(status, text, "");
        }

        if (Has(text, "transfer-encoding: chunked"))
        {
            while (await LineAsync(late) is { } size && Convert.ToInt32(size, 16) is > 0 and var length)
            {
                await BodyAsync(body, length, late);
                await LineAsync(late);
            }

            await LineAsync(late);
        }
        else if (text.Split('\n').FirstOrDefault(l => l.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) is { } given)
        {
            await BodyAsync(body, int.Parse(given.Split(':')[1]), late);
        }
        else
        {
            while (await FillAsync(late))
            {
                body.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
                _start = _end;
            }
        }

        return new RawAnswer(status, text, body.ToString());
    }

    private async Task BodyAsync(StringBuilder body, int length, CancellationToken late)
    {
        while (length > 0 && await FillAsync(late))
        {
            var piece = Math.Min(length, _end - _start);
            body.Append(Encoding.Latin1.GetString(_buffer, _start, piece));
            (_start, length) = (_start + piece, length - piece);
        }
    }

    private async Task<string?> LineAsync(CancellationToken late)
    {
        var line = new StringBuilder();
        while (await FillAsync(late))
        {
            var c = (char)_buffer[_start++];
            if (c == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(c);
        }

        return null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken late)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await _socket!.ReceiveAsync(_buffer, late));
        }

        return _end > _start;
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static bool Has(string head, string text) => head.Contains(text, StringComparison.OrdinalIgnoreCase);
}
