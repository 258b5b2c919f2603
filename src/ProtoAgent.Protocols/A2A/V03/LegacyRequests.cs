using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.V03;

/// <summary>
/// What a 0.3 client asks, as 1.0 asks it. What is of the wrong shape passes as it is: reading it as 1.0 names the fault.
/// </summary>
internal static class LegacyRequests
{
    public static JsonNode? Send(JsonObject asked) => Without(new JsonObject
    {
        ["message"] = asked["message"] is JsonObject message ? Message(message) : asked["message"]?.DeepClone(),
        ["configuration"] = asked["configuration"] is JsonObject configuration ? Configuration(configuration) : null,
        ["metadata"] = asked["metadata"]?.DeepClone(),
    });

    /// <summary><c>tasks/pushNotificationConfig/set</c>: 1.0 has what 0.3 nests beside the task's id.</summary>
    public static JsonNode? SetPush(JsonObject asked)
    {
        var flat = asked["pushNotificationConfig"] is JsonObject config ? Push(config) : [];
        flat["taskId"] = asked["taskId"]?.DeepClone();
        return flat;
    }

    /// <summary>The task is <c>id</c> in 0.3, and the config <c>pushNotificationConfigId</c>.</summary>
    public static JsonNode? OfPush(JsonObject asked) => Without(new JsonObject
    {
        ["taskId"] = asked["id"]?.DeepClone(), ["id"] = asked["pushNotificationConfigId"]?.DeepClone(),
    });

    private static JsonObject Message(JsonObject message)
    {
        var plain = Without(message.DeepClone().AsObject());
        plain.Remove("kind");
        plain["role"] = Text(message["role"]) switch
        {
            "user" => "ROLE_USER",
            "agent" => "ROLE_AGENT",
            _ => message["role"]?.DeepClone(),
        };
        if (message["parts"] is JsonArray parts)
        {
            plain["parts"] = new JsonArray([.. parts.Select((p, i) => p is JsonObject part ? Part(part, i) : p?.DeepClone())]);
        }

        return plain;
    }

    private static JsonObject Part(JsonObject part, int index)
    {
        var metadata = part["metadata"]?.DeepClone();
        return Without(Text(part["kind"]) switch
        {
            "text" => new JsonObject { ["text"] = part["text"]?.DeepClone(), ["metadata"] = metadata },
            "data" => new JsonObject { ["data"] = part["data"]?.DeepClone(), ["metadata"] = metadata },
            "file" when part["file"] is JsonObject file => new JsonObject
            {
                ["raw"] = file["bytes"]?.DeepClone(), ["url"] = file["uri"]?.DeepClone(), ["filename"] = file["name"]?.DeepClone(), ["mediaType"] = file["mimeType"]?.DeepClone(), ["metadata"] = metadata,
            },
            _ => throw A2AReader.Invalid([new Violation($"message.parts[{index}].kind", "Must be text, file (with 'file') or data.")]),
        });
    }

    private static JsonObject Configuration(JsonObject configuration) => Without(new JsonObject
    {
        ["acceptedOutputModes"] = configuration["acceptedOutputModes"]?.DeepClone(),
        ["historyLength"] = configuration["historyLength"]?.DeepClone(),
        ["returnImmediately"] = configuration["blocking"] is JsonValue blocking && blocking.GetValueKind() == JsonValueKind.False,
        ["taskPushNotificationConfig"] = configuration["pushNotificationConfig"] is JsonObject push ? Push(push) : null,
    });

    private static JsonObject Push(JsonObject config)
    {
        var flat = Without(config.DeepClone().AsObject());
        if (flat["authentication"] is JsonObject authentication)
        {
            // 1.0 knows one scheme; a list of more has no meaning of its own in 0.3 either.
            flat["authentication"] = Without(new JsonObject
            {
                ["scheme"] = authentication["schemes"] is JsonArray { Count: > 0 } schemes ? schemes[0]?.DeepClone() : null, ["credentials"] = authentication["credentials"]?.DeepClone(),
            });
        }

        return flat;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Without what is null: in 1.0 a null choice is no choice, and of data a value.</summary>
    private static JsonObject Without(JsonObject json)
    {
        foreach (var name in json.Where(p => p.Value is null && p.Key != "data").Select(p => p.Key).ToList())
        {
            json.Remove(name);
        }

        return json;
    }
}
