using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// The HTTP request a message came by, for whoever handles the message. A call that its client cancels gets no answer, as the
/// specification has it; the SDK then keeps the stream open on which the answer would have come, for as long as the session lives.
/// Here it is ended.
/// </summary>
internal sealed class McpRequest : IDisposable
{
    /// <summary>The SDK handles a message in the execution context of the request that brought it.</summary>
    private static readonly AsyncLocal<McpRequest?> s_current = new();

    private readonly CancellationTokenSource _over;
    private readonly string _session;
    private readonly McpStreams _streams;

    private McpRequest(HttpContext context, string session, McpStreams streams)
    {
        _session = session;
        _streams = streams;
        _over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        context.RequestAborted = _over.Token;
    }

    public static McpRequest Begin(HttpContext context, string session, McpStreams streams) => s_current.Value = new McpRequest(context, session, streams);

    /// <summary>The call is cancelled: nothing comes of it, and nobody can come back for what does.</summary>
    public static void HangUp(RequestId call)
    {
        if (s_current.Value is { } request)
        {
            request._streams.Forget(request._session, call.ToString());
            try
            {
                request._over.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in that moment.
            }
        }
    }

    public void Dispose() => _over.Dispose();
}
