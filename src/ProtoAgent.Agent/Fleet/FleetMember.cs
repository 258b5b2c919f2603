using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Fleet;

/// <summary>How a member stands.</summary>
/// <param name="State"><c>stopped</c> (no process is there), <c>starting</c>, <c>running</c>, <c>waiting</c> (ended by itself; it is started again soon), <c>failed</c> (it is not, until asked) or <c>stopping</c>.</param>
/// <param name="Url">Null unless it runs.</param>
/// <param name="Wanted">Whether it is meant to run, and so is started with its supervisor.</param>
/// <param name="Restarts">Times it ended by itself and was started again.</param>
/// <param name="LastError">Why it ended last; null if it didn't by itself.</param>
public sealed record FleetMember(string Name, string State, int Port, int? Pid, string? Url, bool Wanted, int Restarts, string? LastError, string Log)
{
    /// <summary>The folders its data is in, those there are. Of one that is asked for by itself; null in a list, which would look at them all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Data { get; init; }
}
