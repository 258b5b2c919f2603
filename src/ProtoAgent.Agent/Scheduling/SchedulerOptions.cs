namespace ProtoAgent.Agent.Scheduling;

/// <summary>How an instance works its schedule.</summary>
public sealed record SchedulerOptions
{
    /// <summary>False: no job fires here, and the schedule is left to whoever takes it.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The instance does not start at all while another process owns its schedule.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Turns of jobs that run at once; others wait, claimed. 1 to 1,000.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>How long runs that ended, and jobs that did, stay in the ledger. 1 day or more.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);
}
