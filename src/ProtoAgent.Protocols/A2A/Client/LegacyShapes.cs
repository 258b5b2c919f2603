using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>Messages of A2A 0.3 between what they were and what they are in 1.0, as far as a client meets them.</summary>
internal static class LegacyShapes
{
    /// <summary>A message of 1.0 as 0.3 has it; of text alone, which is all we send.</summary>
    public static JsonObject Message(Types.Message message)
    {
        var old = new JsonObject
        {
            ["kind"] = "message", ["messageId"] = message.MessageId, ["role"] = "user",
            ["parts"] = new JsonArray([.. message.Parts.Select(p => (JsonNode)new JsonObject { ["kind"] = "text", ["text"] = p.Text ?? "" })]),
        };
        foreach (var (name, value) in new[] { ("taskId", message.TaskId), ("contextId", message.ContextId) })
        {
            if (value is not null)
            {
                old[name] = value;
            }
        }

        if (message.Metadata is { } metadata)
        {
            old["metadata"] = metadata.DeepClone();
        }

        return old;
    }

    /// <summary>An update of a stream, a task or a message, as 1.0 has it in a stream. Null if it is none of them.</summary>
    public static JsonObject? Update(JsonObject old) => Text(old["kind"]) switch
    {
        "task" => new JsonObject { ["task"] = Task(old) },
        "message" => new JsonObject { ["message"] = Said(old) },
        "status-update" => new JsonObject { ["statusUpdate"] = new JsonObject { ["taskId"] = Copy(old["taskId"]), ["contextId"] = Copy(old["contextId"]), ["status"] = Status(old["status"]) } },
        "artifact-update" => new JsonObject
        {
            ["artifactUpdate"] = new JsonObject
            {
                ["taskId"] = Copy(old["taskId"]), ["contextId"] = Copy(old["contextId"]), ["artifact"] = Artifact(old["artifact"]), ["append"] = Copy(old["append"]), ["lastChunk"] = Copy(old["lastChunk"]),
            },
        },
        _ => null,
    };

    public static JsonObject Task(JsonObject old) => new()
    {
        ["id"] = Copy(old["id"]),
        ["contextId"] = Copy(old["contextId"]),
        ["status"] = Status(old["status"]),
        ["artifacts"] = new JsonArray([.. (old["artifacts"] as JsonArray ?? []).Select(Artifact)]),
    };

    private static JsonObject? Status(JsonNode? old) => old is not JsonObject status ? null : new JsonObject
    {
        ["state"] = Text(status["state"]) is { } state and not "unknown" ? $"TASK_STATE_{state.ToUpperInvariant().Replace('-', '_')}" : "TASK_STATE_WORKING",
        ["message"] = status["message"] is JsonObject message ? Said(message) : null,
    };

    private static JsonObject Said(JsonObject old) => new()
    {
        ["messageId"] = Copy(old["messageId"]), ["role"] = "ROLE_AGENT", ["taskId"] = Copy(old["taskId"]), ["contextId"] = Copy(old["contextId"]), ["parts"] = Parts(old["parts"]),
    };

    private static JsonNode? Artifact(JsonNode? old) => old is not JsonObject artifact ? null : new JsonObject
    {
        ["artifactId"] = Copy(artifact["artifactId"]), ["name"] = Copy(artifact["name"]), ["description"] = Copy(artifact["description"]), ["parts"] = Parts(artifact["parts"]),
    };

    private static JsonArray Parts(JsonNode? old) => new([.. (old as JsonArray ?? []).OfType<JsonObject>().Select(Part)]);

    private static JsonNode Part(JsonObject old)
    {
        if (Text(old["kind"]) == "data")
        {
            return new JsonObject { ["data"] = Copy(old["data"]) };
        }

        if (old["file"] is not JsonObject file)
        {
            return new JsonObject { ["text"] = Text(old["text"]) ?? "" };
        }

        var part = new JsonObject { ["filename"] = Copy(file["name"]), ["mediaType"] = Copy(file["mimeType"]) };
        part[file["bytes"] is null ? "url" : "raw"] = Copy(file["bytes"] ?? file["uri"]);
        return part;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
}
