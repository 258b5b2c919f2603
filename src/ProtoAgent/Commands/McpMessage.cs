using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Commands;

/// <summary>A JSON-RPC message as it came, and what must be known of it to pass it on.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Method">Null of an answer.</param>
/// <param name="Id">Null of a notification.</param>
/// <param name="Name">What it is about: a tool's or prompt's name, a resource's address.</param>
/// <param name="Revision">Of the protocol, where the message says it itself; then it belongs to no session.</param>
internal sealed record McpMessage(string Text, string? Method, JsonNode? Id, string? Name, string? Revision)
{
    public bool IsRequest => Method is not null && Id is not null;

    /// <exception cref="JsonException">It is none.</exception>
    public static McpMessage Parse(string line)
    {
        if (JsonNode.Parse(line) is not JsonObject message)
        {
            throw new JsonException("A message is a JSON object.");
        }

        var given = message["params"] as JsonObject;
        return new McpMessage(
            line,
            Word(message["method"]),
            message["id"],
            Word(given?["name"]) ?? Word(given?["uri"]),
            Word((given?["_meta"] as JsonObject)?["io.modelcontextprotocol/protocolVersion"]));
    }

    private static string? Word(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
