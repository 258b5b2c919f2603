using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Errors;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>A request object of JSON-RPC 2.0 (chapter 4).</summary>
/// <param name="Id">As it came; <c>Undefined</c> for a notification, which is not answered.</param>
/// <param name="Params">Null when left out.</param>
internal sealed record RpcRequest(JsonElement Id, string Method, JsonElement? Params)
{
    public bool IsNotification => Id.ValueKind == JsonValueKind.Undefined;

    /// <exception cref="A2AException">It is none.</exception>
    public static RpcRequest Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("A request is an object.");
        }

        if (!json.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"))
        {
            throw Invalid("'jsonrpc' must be \"2.0\".");
        }

        if (!json.TryGetProperty("method", out var method) || method.ValueKind != JsonValueKind.String)
        {
            throw Invalid("'method' must be a string.");
        }

        if (json.TryGetProperty("id", out var id) && !IsId(id))
        {
            throw Invalid("'id' must be a string, a number or null.");
        }

        if (json.TryGetProperty("params", out var given) && given.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
        {
            throw Invalid("'params' must be an object.");
        }

        string name;
        try
        {
            name = method.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid("'method' is not valid UTF-8.");
        }

        return new RpcRequest(id, name, given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : given);
    }

    /// <summary>What an answer says it answers: null when the request does not say it well (chapter 5).</summary>
    public static JsonNode? IdOf(JsonElement request) =>
        request.ValueKind == JsonValueKind.Object && request.TryGetProperty("id", out var id) && IsId(id) ? JsonNode.Parse(id.GetRawText()) : null;

    private static bool IsId(JsonElement id) => id.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null;

    private static A2AException Invalid(string why) => new(ErrorKind.InvalidRequest, $"That is no request of JSON-RPC 2.0. {why}");
}
