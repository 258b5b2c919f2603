using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.V03;

/// <summary>Answers of 1.0 as 0.3 has them: a <c>kind</c> in each object, small names, files nested.</summary>
internal static class LegacyAnswers
{
    public static JsonNode Of(SendMessageResponse sent) => sent.Task is { } task ? Of(task) : Of(sent.Message!);

    public static JsonNode Of(StreamResponse update) => update switch
    {
        { Task: { } task } => Of(task),
        { StatusUpdate: { } status } => Of(status),
        { ArtifactUpdate: { } artifact } => Of(artifact),
        _ => Of(update.Message!),
    };

    public static JsonObject Of(A2ATask task)
    {
        var json = new JsonObject { ["kind"] = "task", ["id"] = task.Id, ["contextId"] = task.ContextId, ["status"] = Of(task.Status) };
        if (task.Artifacts is { Count: > 0 } artifacts)
        {
            json["artifacts"] = new JsonArray([.. artifacts.Select(Of)]);
        }

        if (task.History is { } history)
        {
            json["history"] = new JsonArray([.. history.Select(Of)]);
        }

        return With(json, "metadata", task.Metadata);
    }

    public static JsonObject Of(Message message)
    {
        var json = JsonSerializer.SerializeToNode(message, A2AJson.Default.Message)!.AsObject();
        json["kind"] = "message";
        json["role"] = message.Role == Role.User ? "user" : "agent";
        json["parts"] = Of(message.Parts);
        return json;
    }

    public static JsonObject Of(TaskPushNotificationConfig config)
    {
        var nested = JsonSerializer.SerializeToNode(config, A2AJson.Default.TaskPushNotificationConfig)!.AsObject();
        nested.Remove("taskId");
        nested.Remove("tenant");
        if (config.Authentication is { } authentication)
        {
            nested["authentication"] = With(new JsonObject { ["schemes"] = new JsonArray((JsonNode)authentication.Scheme) }, "credentials", authentication.Credentials);
        }

        return new JsonObject { ["taskId"] = config.TaskId, ["pushNotificationConfig"] = nested };
    }

    private static JsonObject Of(TaskStatusUpdateEvent update) => With(
        new JsonObject
        {
            ["kind"] = "status-update", ["taskId"] = update.TaskId, ["contextId"] = update.ContextId, ["status"] = Of(update.Status),

            // What follows, if anything, the client has to ask for anew.
            ["final"] = update.Status.State.IsTerminal() || update.Status.State.IsInterrupted(),
        },
        "metadata",
        update.Metadata);

    private static JsonObject Of(TaskArtifactUpdateEvent update) => With(
        new JsonObject
        {
            ["kind"] = "artifact-update", ["taskId"] = update.TaskId, ["contextId"] = update.ContextId, ["artifact"] = Of(update.Artifact), ["append"] = update.Append == true, ["lastChunk"] = update.LastChunk == true,
        },
        "metadata",
        update.Metadata);

    private static JsonObject Of(A2ATaskStatus status)
    {
        var json = JsonSerializer.SerializeToNode(status, A2AJson.Default.A2ATaskStatus)!.AsObject();
        json["state"] = StateOf(status.State);
        if (status.Message is { } message)
        {
            json["message"] = Of(message);
        }

        return json;
    }

    private static JsonObject Of(Artifact artifact)
    {
        var json = JsonSerializer.SerializeToNode(artifact, A2AJson.Default.Artifact)!.AsObject();
        json["parts"] = Of(artifact.Parts);
        return json;
    }

    private static JsonArray Of(IEnumerable<Part> parts) => new([.. parts.Select(Of)]);

    private static JsonObject Of(Part part) => With(
        part switch
        {
            { Text: { } text } => new JsonObject { ["kind"] = "text", ["text"] = text },
            { HasData: true } => new JsonObject
            {
                // In 0.3 data is an object.
                ["kind"] = "data", ["data"] = JsonNode.Parse(part.Data.GetRawText()) is var data && data is JsonObject ? data : new JsonObject { ["value"] = data },
            },
            _ => new JsonObject { ["kind"] = "file", ["file"] = File(part) },
        },
        "metadata",
        part.Metadata);

    private static JsonObject File(Part part)
    {
        var file = part.Raw is { } bytes ? new JsonObject { ["bytes"] = Convert.ToBase64String(bytes) } : new JsonObject { ["uri"] = part.Url };
        return With(With(file, "name", part.Filename), "mimeType", part.MediaType);
    }

    private static string StateOf(TaskState state) => state switch
    {
        TaskState.Submitted => "submitted",
        TaskState.Working => "working",
        TaskState.Completed => "completed",
        TaskState.Failed => "failed",
        TaskState.Canceled => "canceled",
        TaskState.InputRequired => "input-required",
        TaskState.Rejected => "rejected",
        TaskState.AuthRequired => "auth-required",
        _ => "unknown",
    };

    private static JsonObject With(JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
        {
            json[name] = value.DeepClone();
        }

        return json;
    }
}
