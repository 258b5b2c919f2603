using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>An HTTP endpoint that answers with exactly the bytes a test gives it, piece by piece. One connection a request.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<RawReply> _replies = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public RawServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What was asked so far.</summary>
    public ConcurrentQueue<RawRequest> Requests { get; } = new();

    /// <summary>Answers the requests to come, in this order. One without a reply is hung up on.</summary>
    public void Reply(params RawReply[] replies)
    {
        foreach (var reply in replies)
        {
            _replies.Enqueue(reply);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(connection);
            }
            catch (IOException)
            {
                // The client hung up: that is its right.
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient connection)
    {
        var stream = connection.GetStream();
        if (await ReadAsync(stream) is not { } request)
        {
            return;
        }

        Requests.Enqueue(request);
        if (!_replies.TryDequeue(out var reply))
        {
            return;
        }

        var head = new StringBuilder($"HTTP/1.1 {reply.Status} Whatever\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: {reply.ContentType}\r\n");
        foreach (var (name, value) in reply.Headers)
        {
            head.Append($"{name}: {value}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        foreach (var piece in reply.Pieces)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), _stop.Token);
            await stream.WriteAsync(piece, _stop.Token);
            await stream.WriteAsync("\r\n"u8.ToArray(), _stop.Token);
            await stream.FlushAsync(_stop.Token);
        }

        switch (reply.End)
        {
            case RawEnd.Whole:
                await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _stop.Token);
                break;
            case RawEnd.Silent:
                await stream.CopyToAsync(Stream.Null, _stop.Token);
                break;
            default:
                break;
        }
    }

    private async Task<RawRequest?> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[65_536];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            bytes.AddRange(buffer.AsSpan(0, read));
            var text = Encoding.UTF8.GetString([.. bytes]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var lines = text[..end].Split("\r\n");
            var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
            var body = text[(end + 4)..];
            if (headers.TryGetValue("Content-Length", out var length) ? Encoding.UTF8.GetByteCount(body) == int.Parse(length) : body.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                return new RawRequest(lines[0], headers, body);
            }
        }
    }
}

/// <param name="Line">Method, path and version.</param>
internal sealed record RawRequest(string Line, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>How a reply ends.</summary>
internal enum RawEnd
{
    /// <summary>As HTTP says that all has come.</summary>
    Whole,

    /// <summary>The connection breaks.</summary>
    Broken,

    /// <summary>Nothing more comes, until the client hangs up.</summary>
    Silent,
}

internal sealed record RawReply(int Status, string ContentType, IReadOnlyList<byte[]> Pieces, RawEnd End = RawEnd.Whole)
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static RawReply Stream(params IReadOnlyList<string> events) => new(200, "text/event-stream; charset=utf-8", [.. events.Select(e => Encoding.UTF8.GetBytes(e))]);

    public static RawReply Json(int status, string body, params (string Name, string Value)[] headers) =>
        new(status, "application/json", [Encoding.UTF8.GetBytes(body)]) { Headers = headers };
}
