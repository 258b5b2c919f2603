using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.A2ATasks;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>Tasks between the protocol and the store.</summary>
internal static class TaskFormat
{
    /// <summary>In front of a context's id: its thread. So that no peer can name a conversation of somebody else's.</summary>
    public const string ThreadPrefix = "a2a:";

    /// <summary>The turn's, and so the task's, in every record.</summary>
    public const string Origin = "a2a";

    public static string NameOf(TaskState state) => JsonSerializer.Serialize(state, A2AJson.Default.TaskState).Trim('"');

    public static TaskState StateOf(string name) => JsonSerializer.Deserialize($"\"{name}\"", A2AJson.Default.TaskState);

    public static string ThreadOf(string contextId) => ThreadPrefix + contextId;

    public static string Json(Message message) => JsonSerializer.Serialize(message, A2AJson.Default.Message);

    public static string Json(IReadOnlyList<Artifact> artifacts) => JsonSerializer.Serialize(artifacts, A2AJson.Default.IReadOnlyListArtifact);

    /// <summary>The same message is told by all that is in it: a client that counts its ids anew says something else under an old one.</summary>
    public static string KeyOf(Message message) =>
        Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(message, A2AJson.Default.Message)));

    public static A2ATask Of(StoredA2ATask stored) => new()
    {
        Id = stored.Id,
        ContextId = stored.ContextId,
        Status = new A2ATaskStatus
        {
            State = StateOf(stored.State),
            Message = stored.StatusMessage is { } message ? JsonSerializer.Deserialize(message, A2AJson.Default.Message) : null,
            Timestamp = stored.StatusAt,
        },
        Artifacts = stored.Artifacts is { } artifacts ? JsonSerializer.Deserialize(artifacts, A2AJson.Default.IReadOnlyListArtifact) : null,
        History = [.. stored.Messages.Select(m => JsonSerializer.Deserialize(m, A2AJson.Default.Message)!)],
        Metadata = stored.Metadata is { } metadata ? (System.Text.Json.Nodes.JsonObject?)System.Text.Json.Nodes.JsonNode.Parse(metadata) : null,
    };

    /// <summary>With at most so many of its last messages.</summary>
    public static A2ATask Shortened(this A2ATask task, int? historyLength) =>
        historyLength is { } most && task.History is { } all && all.Count > most ? task with { History = [.. all.Skip(all.Count - most)] } : task;
}
