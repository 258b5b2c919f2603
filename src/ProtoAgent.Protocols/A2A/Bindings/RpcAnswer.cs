using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Errors;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>A response object of JSON-RPC 2.0 (chapter 5).</summary>
internal static class RpcAnswer
{
    public static JsonObject Of(JsonNode? id, JsonNode? result) => new() { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["result"] = result };

    public static JsonObject Of(JsonNode? id, A2AException error)
    {
        var told = new JsonObject { ["code"] = error.Kind.Code, ["message"] = error.Message };
        if (ErrorDetails.Of(error) is { } details)
        {
            told["data"] = details;
        }

        return new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = told };
    }
}
