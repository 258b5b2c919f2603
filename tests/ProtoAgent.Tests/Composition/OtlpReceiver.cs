using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProtoAgent.Tests.Composition;

/// <summary>Takes what an exporter posts, on a socket of its own.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _answers;

    /// <param name="answers">False: takes the connection and says nothing.</param>
    public OtlpReceiver(bool answers = true)
    {
        _answers = answers;
        _listener.Start();
        _ = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/base/");

    public ConcurrentQueue<Request> Requests { get; } = [];

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var received = new List<byte>();
            var buffer = new byte[4096];
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var count)
            {
                received.AddRange(buffer[..count]);
                var text = Encoding.Latin1.GetString([.. received]);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end < 0)
                {
                    continue;
                }

                var lines = text[..end].Split("\r\n");
                var length = int.Parse(lines.Single(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))["Content-Length:".Length..]);
                if (received.Count < end + 4 + length)
                {
                    continue;
                }

                Requests.Enqueue(new Request(lines[0], lines[1..], text.Substring(end + 4, length)));
                received.Clear();
                if (_answers)
                {
                    await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                }
            }
        }
    }

    /// <param name="Body">Protobuf, byte by byte as Latin-1: names and texts can be found in it.</param>
    internal sealed record Request(string Line, string[] Headers, string Body);
}
