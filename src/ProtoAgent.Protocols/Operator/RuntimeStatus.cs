namespace ProtoAgent.Protocols.Operator;

/// <summary><c>GET /api/runtime/status</c>: which instance this is, where its data lies, and what stands in its way.</summary>
/// <param name="Paths">Store name to absolute path.</param>
/// <param name="Stores">Counts by name.</param>
internal sealed record RuntimeStatus(
    InstanceStatus Instance,
    IReadOnlyDictionary<string, string> Paths,
    SchedulerStatus Scheduler,
    IReadOnlyList<SiblingStatus> Siblings,
    ModelStatus Model,
    IReadOnlyDictionary<string, long> Stores,
    IReadOnlyList<WarningStatus> Warnings);

/// <param name="Id">Null when unscoped.</param>
/// <param name="Source"><c>env</c>, <c>config</c>, <c>auto</c> or <c>none</c>.</param>
internal sealed record InstanceStatus(
    string? Id, string Source, string AgentName, Guid Uuid, int Pid, int Port, DateTimeOffset StartedAt, string Version, string DataHome, string Root);

/// <param name="State"><c>running</c>, <c>waiting</c> or <c>disabled</c>.</param>
/// <param name="Owner">Who holds the schedule, when that is another.</param>
/// <param name="Jobs">Null when they can't be counted; the warnings say why.</param>
internal sealed record SchedulerStatus(string State, OwnerStatus? Owner, long? Jobs, DateTimeOffset? NextFire);

/// <param name="Port">Null if it listens on none.</param>
/// <param name="Instance">Null when unscoped.</param>
internal sealed record OwnerStatus(int Pid, int? Port, string? Instance, string AgentName, string HostName, DateTimeOffset StartedAt);

internal sealed record SiblingStatus(int Pid, int Port, string? Instance, DateTimeOffset StartedAt);

/// <param name="Ready">Nothing but configuration is missing to call it.</param>
internal sealed record ModelStatus(string Provider, string Name, string? BaseUrl, bool Ready);

/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Remedy">What to do, alone.</param>
internal sealed record WarningStatus(string Code, string Message, string Remedy);
