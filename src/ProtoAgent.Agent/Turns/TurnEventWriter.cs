using System.Threading.Channels;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>A turn's events for the one who asked for it, and for whoever follows all turns: those that are gone on with have no asker.</summary>
/// <param name="happened">Told of each event in the turn's order, before its asker. Neither waits nor throws.</param>
internal sealed class TurnEventWriter(ChannelWriter<TurnEvent> asker, NewTurn turn, Action<NewTurn, TurnEvent> happened) : ChannelWriter<TurnEvent>
{
    public override bool TryWrite(TurnEvent item)
    {
        happened(turn, item);
        return asker.TryWrite(item);
    }

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => asker.WaitToWriteAsync(cancellationToken);

    public override bool TryComplete(Exception? error = null) => asker.TryComplete(error);
}
