using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Agent.Scheduling;

public enum SchedulerState
{
    /// <summary>This process owns the schedule.</summary>
    Running,

    /// <summary>Another does; this one takes it when that is gone.</summary>
    Waiting,

    /// <summary>Switched off, or <see cref="SchedulerStatus.Problem"/> says why not.</summary>
    Disabled,
}

/// <param name="Owner">Who owns the schedule, when that is another; null too if it left no readable note.</param>
/// <param name="NextFire">When something is due next.</param>
/// <param name="Problem">What stands in the way; null if nothing does.</param>
public sealed record SchedulerStatus(SchedulerState State, LockHolder? Owner = null, DateTimeOffset? NextFire = null, string? Problem = null)
{
    /// <summary>Stable, snake_case; of <see cref="Problem"/>.</summary>
    public string? Code { get; init; }

    public string Name => NameOf(State);

    public static string NameOf(SchedulerState state) => state switch
    {
        SchedulerState.Running => "running",
        SchedulerState.Waiting => "waiting",
        _ => "disabled",
    };
}
