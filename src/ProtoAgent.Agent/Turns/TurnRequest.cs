using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>The one way in: a person, a peer, the timer and the inbox all enter as this.</summary>
public sealed record TurnRequest
{
    private const string Unsaid = "{}";

    /// <summary>What is asked, as text. Blank only where something is shown.</summary>
    public required string Message { get; init; }

    /// <summary>What is shown beside the message. It is in the thread, and not in what is kept of the request.</summary>
    [JsonIgnore]
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>The thread to go on with, or to begin under this id; null for a fresh one, never a shared default.</summary>
    [JsonIgnore]
    public string? ThreadId { get; init; }

    /// <summary>Who asks: <c>operator</c>, <c>openai</c>, <c>cli</c>, …</summary>
    [JsonIgnore]
    public string Origin { get; init; } = "operator";

    /// <summary>A configured model's name; null for the default.</summary>
    [JsonIgnore]
    public string? Model { get; init; }

    /// <summary>What was said before, for a caller that brings its own history. Used only when the thread is new.</summary>
    [JsonIgnore]
    public IReadOnlyList<PriorMessage> History { get; init; } = [];

    /// <summary>Somebody waits for the answer: after a crash it is told by its broken connection, and the turn need not go on. See <see cref="ResumePolicy"/>.</summary>
    [JsonIgnore]
    public bool Attended { get; init; } = true;

    /// <summary>The thread's last step as the caller knows it: if there is another, the turn is refused. Null if that does not matter.</summary>
    [JsonIgnore]
    public long? ExpectedHead { get; init; }

    /// <summary>The caller's own system text, for this turn only.</summary>
    public string? Instructions { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public IReadOnlyList<string>? StopSequences { get; init; }

    /// <summary>Nothing is read from or written to what the agent remembers.</summary>
    public bool Incognito { get; init; }

    /// <summary>The kind of subagent that runs it; null for the agent itself.</summary>
    public string? Subagent { get; init; }

    /// <summary>Of a subagent's turn: the turn that sent it.</summary>
    public string? ParentTurn { get; init; }

    /// <summary>Of a step's turn: the run of a workflow it is part of.</summary>
    public string? ParentRun { get; init; }

    /// <summary>The only tools it is offered of those it would be; <c>prefix*</c> is read. Null for all.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>Tools of whoever asks, beside the agent's. A call of one ends the turn with <see cref="TurnEvent.Completed.Calls"/>.</summary>
    public IReadOnlyList<CallerTool>? CallerTools { get; init; }

    /// <summary>What came of the calls the thread's last turn ended with. The message may be blank then.</summary>
    [JsonIgnore]
    public IReadOnlyList<CallerResult> CallResults { get; init; } = [];

    public ModelWishes? Wishes { get; init; }

    /// <summary>What the caller keeps beside the turn; nothing here reads it.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Whoever asked comes back for the answer. Unlike <see cref="Attended"/> it stays as it was said, whatever becomes of the turn.</summary>
    public bool Background { get; init; }

    /// <summary>The turn this one goes on from, where the caller named one.</summary>
    public string? Follows { get; init; }

    /// <summary>A bound of its own on its wall clock; <see cref="TurnOptions.Timeout"/> holds as well.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Tokens it is told of the turns before it, its own not counted; null for as many as fit. Older ones are then stood for by a
    /// few words that no model is asked for.
    /// </summary>
    public int? HistoryTokens { get; init; }

    /// <summary>What is called instead of asking a model; null as a rule.</summary>
    public DirectCall? Call { get; init; }

    /// <summary>There is something to answer.</summary>
    internal bool Asks => !string.IsNullOrWhiteSpace(Message) || Attachments.Count > 0 || CallResults.Count > 0 || History is [.., { ResultOf: not null }];

    /// <summary>The trace it is part of, where the caller said one; taken from what runs if null.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>How often its work has been passed on from agent to agent; of what runs if that is more.</summary>
    public int Hops { get; init; }

    /// <summary>How far from a turn somebody asked for.</summary>
    internal int Depth => Subagent is null && ParentRun is null ? 0 : 1;

    /// <summary>What another process needs to go on with the turn.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, TurnJson.Default.TurnRequest);

    /// <summary>A turn of the first version of the file says nothing of what was asked; its thread does.</summary>
    internal static TurnRequest Of(TurnInfo turn) => (turn.Request == Unsaid ? new TurnRequest { Message = "" } : JsonSerializer.Deserialize(turn.Request, TurnJson.Default.TurnRequest)!) with
    {
        ThreadId = turn.ThreadId, Origin = turn.Origin, Model = turn.Model, Attended = turn.Attended,
    };
}

/// <param name="FromAssistant">Said by the assistant; else by the user.</param>
public sealed record PriorMessage(bool FromAssistant, string Text)
{
    /// <summary>What the user showed beside it.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>Of the assistant: what it called of the caller's.</summary>
    public IReadOnlyList<PriorCall> Calls { get; init; } = [];

    /// <summary>It is said by neither: it is what came of that call.</summary>
    public string? ResultOf { get; init; }
}

/// <param name="Arguments">JSON.</param>
public sealed record PriorCall(string CallId, string Tool, string Arguments);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TurnRequest))]
internal sealed partial class TurnJson : JsonSerializerContext;
