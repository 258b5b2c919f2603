using System.Threading.Channels;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>One reader of a task: how it stood when it came, then all that happened since, in order.</summary>
/// <param name="stop">Tells the task that nobody reads any more.</param>
internal sealed class Subscription(A2ATask snapshot, IReadOnlySet<string> extensions, Action<Subscription> stop) : IDisposable
{
    /// <summary>A reader that is so far behind is let go, and may come back: it must not hold a task's memory.</summary>
    private const int MostWaiting = 1024;

    private readonly Channel<StreamResponse> _updates = Channel.CreateBounded<StreamResponse>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    public A2ATask Snapshot { get; } = snapshot;

    /// <summary>Completes with the task's end, when the instance stops, or when the reader is too slow.</summary>
    public ChannelReader<StreamResponse> Updates => _updates.Reader;

    /// <summary>False: it could not keep up and gets nothing more.</summary>
    /// <param name="extension">Told only to who uses it; null for everybody.</param>
    internal bool Tell(StreamResponse update, string? extension)
    {
        if ((extension is null || extensions.Contains(extension)) && !_updates.Writer.TryWrite(update))
        {
            End();
            return false;
        }

        return true;
    }

    internal void End() => _updates.Writer.TryComplete();

    public void Dispose()
    {
        End();
        stop(this);
    }
}
