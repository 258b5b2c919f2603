using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A2A 1.0 over JSON-RPC (specification 9).</summary>
internal sealed class JsonRpcLink(string peer, Uri url, string? tenant, PeerHttp http) : IPeerLink
{
    private const string MediaType = "application/json";

    public Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancelled) =>
        CallAsync("SendMessage", request with { Tenant = tenant }, A2AJson.Default.SendMessageRequest, A2AJson.Default.SendMessageResponse, cancelled);

    public async IAsyncEnumerable<StreamResponse> StreamAsync(SendMessageRequest request, [EnumeratorCancellation] CancellationToken cancelled)
    {
        await foreach (var answer in http.StreamAsync(HttpMethod.Post, url, Body("SendStreamingMessage", request with { Tenant = tenant }, A2AJson.Default.SendMessageRequest), MediaType, cancelled))
        {
            yield return Result(answer, A2AJson.Default.StreamResponse);
        }
    }

    public Task<A2ATask> GetAsync(string taskId, CancellationToken cancelled) =>
        CallAsync("GetTask", new GetTaskRequest { Id = taskId, HistoryLength = 0, Tenant = tenant }, A2AJson.Default.GetTaskRequest, A2AJson.Default.A2ATask, cancelled);

    public Task<A2ATask> CancelAsync(string taskId, CancellationToken cancelled) =>
        CallAsync("CancelTask", new CancelTaskRequest { Id = taskId, Tenant = tenant }, A2AJson.Default.CancelTaskRequest, A2AJson.Default.A2ATask, cancelled);

    private async Task<TAnswer> CallAsync<TRequest, TAnswer>(string method, TRequest request, JsonTypeInfo<TRequest> asked, JsonTypeInfo<TAnswer> answered, CancellationToken cancelled)
        where TAnswer : class, IChecked =>
        Result(await http.AskAsync(HttpMethod.Post, url, Body(method, request, asked), MediaType, cancelled), answered);

    private static string Body<T>(string method, T request, JsonTypeInfo<T> type) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(request, type) }.ToJsonString();

    private T Result<T>(JsonElement answer, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        PeerAnswers.RefuseError(peer, answer);
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("result", out var result)
            ? PeerAnswers.Read(peer, result, type)
            : throw new PeerException($"The peer '{peer}' does not answer as JSON-RPC has it: there is neither a result nor an error.");
    }
}
