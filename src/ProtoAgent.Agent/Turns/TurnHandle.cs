using System.Threading.Channels;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// A turn that has been accepted. It runs to its end whether or not anybody reads: a caller that hangs up does not cancel
/// what it asked for.
/// </summary>
public sealed class TurnHandle
{
    private readonly Action _cancel;

    internal TurnHandle(string threadId, string turnId, string model, ChannelReader<TurnEvent> events, Task<TurnEvent> completion, Action cancel)
    {
        ThreadId = threadId;
        TurnId = turnId;
        Model = model;
        Events = events;
        Completion = completion;
        _cancel = cancel;
    }

    public string ThreadId { get; }

    public string TurnId { get; }

    public string Model { get; }

    /// <summary>Unbounded by count, bounded by the model's answers. One reader.</summary>
    public ChannelReader<TurnEvent> Events { get; }

    /// <summary>The last event, once what it says is written. Never an exception.</summary>
    public Task<TurnEvent> Completion { get; }

    public void Cancel() => _cancel();
}
