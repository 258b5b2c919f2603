using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A2A 0.3 over JSON-RPC, for peers that speak nothing newer.</summary>
internal sealed class LegacyLink(string peer, Uri url, PeerHttp http) : IPeerLink
{
    private const string MediaType = "application/json";

    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, CancellationToken cancelled)
    {
        var answer = await http.AskAsync(HttpMethod.Post, url, Body("message/send", Sent(request)), MediaType, cancelled);
        return Read(Updated(answer), A2AJson.Default.SendMessageResponse);
    }

    public async IAsyncEnumerable<StreamResponse> StreamAsync(SendMessageRequest request, [EnumeratorCancellation] CancellationToken cancelled)
    {
        await foreach (var answer in http.StreamAsync(HttpMethod.Post, url, Body("message/stream", Sent(request)), MediaType, cancelled))
        {
            yield return Read(Updated(answer), A2AJson.Default.StreamResponse);
        }
    }

    public Task<A2ATask> GetAsync(string taskId, CancellationToken cancelled) => TaskAsync("tasks/get", new JsonObject { ["id"] = taskId, ["historyLength"] = 0 }, cancelled);

    public Task<A2ATask> CancelAsync(string taskId, CancellationToken cancelled) => TaskAsync("tasks/cancel", new JsonObject { ["id"] = taskId }, cancelled);

    private async Task<A2ATask> TaskAsync(string method, JsonObject parameters, CancellationToken cancelled) =>
        Read(LegacyShapes.Task(Result(await http.AskAsync(HttpMethod.Post, url, Body(method, parameters), MediaType, cancelled))), A2AJson.Default.A2ATask);

    private static JsonObject Sent(SendMessageRequest request) =>
        new() { ["message"] = LegacyShapes.Message(request.Message!), ["configuration"] = new JsonObject { ["blocking"] = request.Configuration?.ReturnImmediately is not true } };

    private static string Body(string method, JsonObject parameters) => new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters }.ToJsonString();

    private JsonObject Updated(JsonElement answer) => LegacyShapes.Update(Result(answer)) ?? throw new PeerException($"The peer '{peer}' answered what is no answer of A2A 0.3: its kind is none there is.");

    private JsonObject Result(JsonElement answer)
    {
        PeerAnswers.RefuseError(peer, answer);
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object
            ? JsonObject.Create(result)!
            : throw new PeerException($"The peer '{peer}' does not answer as JSON-RPC has it: there is neither a result nor an error.");
    }

    private T Read<T>(JsonObject json, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return PeerAnswers.Read(peer, document.RootElement.Clone(), type);
    }
}
