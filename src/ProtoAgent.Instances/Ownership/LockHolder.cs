namespace ProtoAgent.Instances.Ownership;

/// <summary>Who holds a lock, for people: written beside the lock, and never asked whether the lock is held.</summary>
/// <param name="Port">Null if it listens on none.</param>
/// <param name="Instance">Null when unscoped.</param>
public sealed record LockHolder(
    int Pid, int? Port, string? Instance, string AgentName, string HostName, DateTimeOffset StartedAt, string Version);
