namespace ProtoAgent.Agent.Fleet;

/// <summary>What was asked of the fleet can't be done. The message may be shown to whoever asked.</summary>
/// <param name="code">Stable, snake_case: <c>member_not_found</c>, <c>member_name_invalid</c>, <c>member_exists</c>, <c>instance_running</c>, <c>port_taken</c>, <c>fleet_not_owned</c>, <c>fleet_file</c>.</param>
public sealed class FleetRefusedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
