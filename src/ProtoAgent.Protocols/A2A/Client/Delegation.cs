using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>One piece of work at a peer: given to it, followed to its end or to its question, whatever connections break meanwhile.</summary>
/// <param name="changed">Told when the task stands differently.</param>
internal sealed class Delegation(PeerContact contact, PeerTask task, Action changed, TimeProvider time)
{
    private const int MostFailures = 6;

    private static readonly TimeSpan s_cancelling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    /// <summary>Gives it the message, and follows the task.</summary>
    public async Task SendAsync(Message message, CancellationToken cancelled)
    {
        var known = await contact.GetAsync(cancelled);
        try
        {
            if (known.Streams)
            {
                await foreach (var update in known.Link.StreamAsync(new SendMessageRequest { Message = message }, cancelled))
                {
                    Took(() => task.Take(update));
                }
            }
            else
            {
                var answer = await known.Link.SendAsync(new SendMessageRequest { Message = message, Configuration = new() { ReturnImmediately = true } }, cancelled);
                Took(() => task.Take(answer));
            }
        }
        catch (PeerException e) when (e.IsBroken)
        {
            contact.Forget();
            if (task.Id is null)
            {
                throw;
            }

            // It has the message; the task is followed by asking.
        }

        await FollowAsync(cancelled);
    }

    /// <summary>Until it has ended or waits. What was told before may have been told in pieces of which the last is missing: asked once at least, unless it settled.</summary>
    public async Task FollowAsync(CancellationToken cancelled)
    {
        var (pause, failures) = (TimeSpan.Zero, 0);
        while (!task.IsSettled)
        {
            await Task.Delay(pause, time, cancelled);
            pause = pause == TimeSpan.Zero ? s_firstPause : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            try
            {
                var now = await (await contact.GetAsync(cancelled)).Link.GetAsync(task.Id ?? throw new PeerException($"The peer '{contact.Peer.Name}' ended its answer before it named a task."), cancelled);
                Took(() => task.Take(now));
                failures = 0;
            }
            catch (PeerException e) when (e.IsBroken && ++failures < MostFailures)
            {
                // It may be starting again.
                contact.Forget();
            }
        }
    }

    /// <summary>Tells the peer that nobody waits any more. What it says to that changes nothing here.</summary>
    public async Task CancelAsync()
    {
        if (task is not { Id: { } id, IsSettled: false })
        {
            return;
        }

        using var late = new CancellationTokenSource(s_cancelling, time);
        try
        {
            await (await contact.GetAsync(late.Token)).Link.CancelAsync(id, late.Token);
        }
        catch (Exception e) when (e is PeerException or OperationCanceledException)
        {
            // Then it finishes for nobody.
        }
    }

    private void Took(Action take)
    {
        var before = (task.Id, task.State);
        take();
        if (before != (task.Id, task.State))
        {
            changed();
        }
    }
}
