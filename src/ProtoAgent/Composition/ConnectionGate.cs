using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace ProtoAgent.Composition;

/// <summary>
/// Bounds the connections. Kestrel's own bound closes one too many without a word, and its client can't tell that from a crash; this one says why
/// and when to come again.
/// </summary>
internal sealed partial class ConnectionGate(int most, bool tls, TimeProvider time, ILogger log)
{
    /// <summary>What one too many gets to send its request and take the answer.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    private readonly byte[] _answer = Answer(most);
    private long _toldAt;
    private int _open;

    public async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= most)
            {
                await next(connection);
                return;
            }

            Tell();
            if (!tls)
            {
                await RefuseAsync(connection);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task RefuseAsync(ConnectionContext connection)
    {
        using var late = new CancellationTokenSource(s_farewell, time);
        try
        {
            // Read first: closing over an unread request resets the connection, and takes the answer along.
            var asked = await connection.Transport.Input.ReadAsync(late.Token);
            connection.Transport.Input.AdvanceTo(asked.Buffer.End);
            await connection.Transport.Output.WriteAsync(_answer, late.Token);
            await connection.Transport.Output.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            connection.Abort();
        }
    }

    /// <summary>Once a minute: whoever fills the connections must not fill the log as well.</summary>
    private void Tell()
    {
        var (before, now) = (Interlocked.Read(ref _toldAt), time.GetTimestamp());
        if ((before == 0 || time.GetElapsedTime(before, now) > s_quiet) && Interlocked.CompareExchange(ref _toldAt, now, before) == before)
        {
            LogFull(log, most);
        }
    }

    private static byte[] Answer(int most)
    {
        var body = $$"""{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"{{most}} connections are open, which is as many as this instance takes (server.max_connections). Close one, or try again soon.","code":"too_many_connections","instance":""}""";
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {body.Length}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n{body}");
    }

    [LoggerMessage(EventName = "connections_full", Level = LogLevel.Warning, Message = "{Most} connections are open and further ones are refused (server.max_connections); said once a minute")]
    private static partial void LogFull(ILogger log, int most);
}
