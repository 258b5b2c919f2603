using ProtoAgent.Agent.Records;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>HTTP as servers are called: no redirects, which would carry the configured headers (secrets) to wherever the server says, and bounded answers.</summary>
internal sealed class McpHttp : DelegatingHandler
{
    private McpHttp()
        : base(new TraceForwarding(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }))
    {
    }

    /// <summary>Without a timeout: a call has its own, and an event stream stays open.</summary>
    public static HttpClient Create() => new(new McpHttp()) { Timeout = Timeout.InfiniteTimeSpan };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var isEvents = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var bounded = new StreamContent(new MessageLimit(body, MessageLimit.Longest, isLines: isEvents));
        foreach (var header in response.Content.Headers)
        {
            bounded.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        response.Content = bounded;
        return response;
    }
}
