namespace ProtoAgent.Agent.Records;

/// <summary>A call of a tool that has ended.</summary>
/// <param name="Arguments">As the model sent them, JSON; redacted and cut on their way into the log. Null of an incognito turn.</param>
/// <param name="Origin">Who asked for the turn.</param>
/// <param name="ResultLength">Characters of the result; null if there is none.</param>
/// <param name="Error">What the model was told; null if it went well.</param>
public sealed record ToolRecord(
    string ThreadId, string TurnId, string CallId, string Tool, string? Arguments, string Origin, ToolStatus Status, TimeSpan Duration, int? ResultLength = null, string? Error = null)
{
    /// <summary>There is such a tool; a model may make up a name, of which no metric is made.</summary>
    public bool IsOffered { get; init; } = true;

    /// <summary>As it stands in the log.</summary>
    public static string NameOf(ToolStatus status) => status switch
    {
        ToolStatus.Ok => "ok",
        ToolStatus.Error => "error",
        ToolStatus.Denied => "denied",
        _ => "unknown",
    };
}

public enum ToolStatus
{
    Ok,
    Error,

    /// <summary>A person or the configuration said no; it was not called.</summary>
    Denied,

    /// <summary>The process died while it ran: nobody knows whether it came to its end.</summary>
    Unknown,
}

/// <summary>A person's word on a call that waited for it.</summary>
/// <param name="Decision"><c>approved</c>, <c>denied</c> or <c>expired</c>.</param>
/// <param name="By">Through which surface; null if nobody answered.</param>
/// <param name="Comment">What the person said with it.</param>
public sealed record ApprovalRecord(
    string ThreadId, string TurnId, string CallId, string Tool, string Decision, string? By = null, string? Comment = null, TimeSpan? Waited = null);
