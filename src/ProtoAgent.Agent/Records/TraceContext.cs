using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Records;

// Here the name would else be that of our own folder.
using Activity = System.Diagnostics.Activity;

/// <summary>The trace something is part of, as W3C Trace Context writes it. Ids alone: nothing of what is said.</summary>
/// <param name="Parent"><c>traceparent</c> of version 00.</param>
/// <param name="State"><c>tracestate</c>; null for none.</param>
public sealed partial record TraceContext(string Parent, string? State)
{
    /// <summary>W3C Trace Context 3.3.1.1: what must be kept of a list; a longer one may be dropped.</summary>
    private const int LongestState = 512;

    private const int ParentLength = 55;

    private static readonly AsyncLocal<TraceContext?> s_caller = new();

    /// <summary>Of whoever asked for what runs here; null if they said none.</summary>
    [JsonIgnore]
    public static TraceContext? Caller
    {
        get => s_caller.Value;
        set => s_caller.Value = value;
    }

    /// <summary>What a call made from here is part of: the span that runs, else the caller's trace as it came, since nobody here has a span to put between.</summary>
    [JsonIgnore]
    public static TraceContext? Current =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } span ? new TraceContext(id, span.TraceStateString) : Caller;

    /// <summary>Null unless the parent is valid. A state that isn't is left out, as the specification has it (3.3): the parent stands without it.</summary>
    public static TraceContext? Parse(string? parent, string? state)
    {
        // 3.2.4: of a later version what this one knows is read, and passed on as this one.
        if (parent is { Length: > ParentLength } && parent[ParentLength] == '-' && !parent.StartsWith("00", StringComparison.Ordinal))
        {
            parent = parent[..ParentLength];
        }

        return parent is { Length: ParentLength } && ActivityContext.TryParse(parent, null, out _)
            ? new TraceContext($"00{parent[2..]}", IsState(state) ? state : null)
            : null;
    }

    internal ActivityContext ToContext() => ActivityContext.TryParse(Parent, State, isRemote: true, out var context) ? context : default;

    private static bool IsState(string? state) =>
        state is { Length: > 0 and <= LongestState } && state.Split(',').Select(m => m.Trim(' ', '\t')).Where(m => m.Length > 0).ToList() is { Count: > 0 and <= 32 } members
        && members.TrueForAll(m => Member().IsMatch(m)) && members.DistinctBy(m => m[..m.IndexOf('=', StringComparison.Ordinal)]).Count() == members.Count;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]\z")]
    private static partial Regex Member();
}
