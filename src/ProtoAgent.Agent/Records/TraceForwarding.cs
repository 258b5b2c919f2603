namespace ProtoAgent.Agent.Records;

/// <summary>
/// Tells those who are called (models, MCP servers, peers) which trace the call is part of. In place of the runtime's own: that would put a
/// span between that is exported nowhere, and would invent a trace where the caller has none.
/// </summary>
public sealed class TraceForwarding : DelegatingHandler
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <param name="inner">Its own propagation is switched off.</param>
    public TraceForwarding(SocketsHttpHandler inner)
        : base(inner) => inner.ActivityHeadersPropagator = null;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (TraceContext.Current is { } trace)
        {
            // Again where it is sent again, by another attempt's span.
            request.Headers.Remove(Parent);
            request.Headers.Remove(State);
            request.Headers.TryAddWithoutValidation(Parent, trace.Parent);
            if (trace.State is { } state)
            {
                request.Headers.TryAddWithoutValidation(State, state);
            }
        }

        return base.SendAsync(request, cancellationToken);
    }
}
