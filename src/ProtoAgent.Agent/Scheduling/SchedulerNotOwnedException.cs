using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>The schedule is not this process's to change. The message may be shown to whoever asked: it says whose it is.</summary>
/// <param name="holder">Who owns it, as far as that is known.</param>
public sealed class SchedulerNotOwnedException(LockHolder? holder, string message) : Exception(message)
{
    public LockHolder? Holder { get; } = holder;
}
