using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Stores.Memory;

/// <summary>What is remembered of a session: its file. The thread is authoritative as long as it is there.</summary>
/// <param name="Surface">Who began it: <c>operator</c>, <c>openai</c>, <c>scheduler</c>, …</param>
/// <param name="Topic">The user's first words.</param>
/// <param name="Timestamp">When its last turn ended.</param>
/// <param name="Head">The thread's last step that is in here.</param>
/// <param name="MessageCount">All of them; the last ones are in <paramref name="Messages"/>.</param>
/// <param name="ToolCalls">By name, the most called first.</param>
/// <param name="FinalOutput">The last answer.</param>
public sealed record SessionSummary(
    string SessionId,
    string Surface,
    string Topic,
    DateTimeOffset StartedAt,
    DateTimeOffset Timestamp,
    long Head,
    int MessageCount,
    IReadOnlyList<SessionMessage> Messages,
    IReadOnlyList<SessionToolCount> ToolCalls,
    long ToolCallsTotalCount,
    string FinalOutput)
{
    /// <summary>The turn that step is of: after a rewind there may be another step of that number.</summary>
    public string HeadTurn { get; init; } = "";

    /// <summary>A person had it forgotten: what was said up to that step does not come back, though the thread has it.</summary>
    public long ForgottenThrough { get; init; }

    /// <summary>How far facts were taken from it.</summary>
    public FactState? Facts { get; init; }

    /// <summary>There is nothing but the word that what was said is forgotten.</summary>
    [JsonIgnore]
    public bool IsForgotten => MessageCount == 0 && ForgottenThrough > 0;
}

/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
public sealed record SessionMessage(string Role, string Content);

public sealed record SessionToolCount(string Name, long Count);

/// <summary>How far facts were taken from a session.</summary>
/// <param name="Through">The last step that is dealt with.</param>
/// <param name="Attempts">Calls of a model for the steps behind it.</param>
/// <param name="Found">What a model found in the steps up to <paramref name="FoundThrough"/>, on its way into the knowledge; null when nothing is.</param>
public sealed record FactState(long Through, int Attempts = 0, IReadOnlyList<string>? Found = null, long FoundThrough = 0);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record SessionPage(IReadOnlyList<SessionSummary> Items, string? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(UtcTimeConverter)], RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionSummary))]
internal sealed partial class SessionJson : JsonSerializerContext;
