using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A2A 1.0 over HTTP and JSON (specification 11).</summary>
internal sealed class HttpJsonLink(string peer, Uri url, string? tenant, PeerHttp http) : IPeerLink
{
    private const string MediaType = "application/a2a+json";

    private readonly string _base = url.AbsoluteUri.TrimEnd('/') + (tenant is null ? "" : $"/{Uri.EscapeDataString(tenant)}");

    public Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancelled) =>
        CallAsync(HttpMethod.Post, "/message:send", JsonSerializer.Serialize(request, A2AJson.Default.SendMessageRequest), A2AJson.Default.SendMessageResponse, cancelled);

    public async IAsyncEnumerable<StreamResponse> StreamAsync(SendMessageRequest request, [EnumeratorCancellation] CancellationToken cancelled)
    {
        var body = JsonSerializer.Serialize(request, A2AJson.Default.SendMessageRequest);
        await foreach (var answer in http.StreamAsync(HttpMethod.Post, new Uri(_base + "/message:stream"), body, MediaType, cancelled))
        {
            PeerAnswers.RefuseError(peer, answer);
            yield return PeerAnswers.Read(peer, answer, A2AJson.Default.StreamResponse);
        }
    }

    public Task<A2ATask> GetAsync(string taskId, CancellationToken cancelled) =>
        CallAsync(HttpMethod.Get, $"/tasks/{Uri.EscapeDataString(taskId)}?historyLength=0", null, A2AJson.Default.A2ATask, cancelled);

    public Task<A2ATask> CancelAsync(string taskId, CancellationToken cancelled) =>
        CallAsync(HttpMethod.Post, $"/tasks/{Uri.EscapeDataString(taskId)}:cancel", "{}", A2AJson.Default.A2ATask, cancelled);

    private async Task<T> CallAsync<T>(HttpMethod method, string path, string? body, JsonTypeInfo<T> type, CancellationToken cancelled)
        where T : class, IChecked
    {
        var answer = await http.AskAsync(method, new Uri(_base + path), body, MediaType, cancelled);
        PeerAnswers.RefuseError(peer, answer);
        return PeerAnswers.Read(peer, answer, type);
    }
}
