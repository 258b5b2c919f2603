namespace ProtoAgent.Agent.Scheduling;

/// <summary>This is no schedule. The message may be shown to a model or a peer: it says what is wrong, where, and what to write.</summary>
/// <param name="code">
/// <c>empty</c>, <c>too_long</c>, <c>unknown_form</c>, <c>unknown_macro</c>, <c>wrong_field_count</c>, <c>wrong_field</c>,
/// <c>never_fires</c>, <c>wrong_time</c>, <c>date_without_time</c>, <c>wrong_interval</c> or <c>unknown_timezone</c>.
/// </param>
public sealed class ScheduleException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
