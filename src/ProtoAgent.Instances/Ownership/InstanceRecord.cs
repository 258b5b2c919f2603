namespace ProtoAgent.Instances.Ownership;

/// <summary>What a live process says of itself in the box registry: one small file each.</summary>
public sealed record InstanceRecord
{
    /// <summary>Random, new at each start: names the registry file, and the runner of a turn in <c>checkpoints.db</c>.</summary>
    public required string ProcessId { get; init; }

    /// <summary>The UUID of the root's marker.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The instance id; null when unscoped.</summary>
    public required string? Instance { get; init; }

    public required string AgentName { get; init; }

    public required int Pid { get; init; }

    /// <summary>The pid namespace the pid counts in (<c>pid:[4026531836]</c>); null where the system has none.</summary>
    public string? PidNamespace { get; init; }

    /// <summary>The machine's or container's host name.</summary>
    public required string HostName { get; init; }

    /// <summary>The address it listens on, as a URL without a path: <c>http://127.0.0.1:7870</c>.</summary>
    public required string Url { get; init; }

    public required int Port { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required string Version { get; init; }

    /// <summary>The instance's root as this process sees it.</summary>
    public required string Root { get; init; }

    /// <summary><c>running</c>, <c>waiting</c> or <c>disabled</c>.</summary>
    public string Scheduler { get; init; } = "disabled";

    /// <summary>When its next scheduled job is due; null if nothing is.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>The codes of its standing warnings, for those who look at the box: what they say in words stays with the instance.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>
    /// <see cref="Warnings"/>, and whether others work on its root. A process is not told when another begins, so that is for the reader to see.
    /// </summary>
    /// <param name="live">All that live, with this one or without.</param>
    public IReadOnlyList<string> WarningsAmong(IEnumerable<InstanceRecord> live) =>
        [.. Warnings ?? [], .. live.Any(IsSibling) ? [StandingWarning.LiveSibling] : Array.Empty<string>()];

    /// <summary>Whether that is another process on the same root.</summary>
    public bool IsSibling(InstanceRecord other) => other.ProcessId != ProcessId && other.Uuid == Uuid;
}
