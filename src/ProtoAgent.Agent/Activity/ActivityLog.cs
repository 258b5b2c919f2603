using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Activity;

/// <summary>What the agent did unasked, told line by line to whoever looks now and to whoever looks later; see README.md.</summary>
public sealed partial class ActivityLog(LateStore<ActivityStore> store, EventBus events, ILogger<ActivityLog> logger)
{
    /// <summary>The thread of what no conversation asked for.</summary>
    public const string ThreadId = "system:activity";

    /// <summary>What is kept of an answer, in characters: all of it is in its thread.</summary>
    private const int LongestText = 2000;

    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>Adds a line; it is told to those who listen when it is the first of its <see cref="NewActivity.UniqueKey"/>.</summary>
    /// <exception cref="StoreException">It is not written.</exception>
    public async Task RecordAsync(NewActivity activity, CancellationToken cancellationToken = default)
    {
        var opened = await store.GetAsync();
        var told = await opened.AppendAsync(activity with { Text = Short(activity.Text) }, cancellationToken);
        if (told.IsNew)
        {
            events.Publish("activity.message", ActivityMessage.Of(told.Entry), ActivityJson.Default.ActivityMessage);
        }
    }

    /// <inheritdoc cref="ActivityStore.ListAsync"/>
    public async Task<ActivityPage> ListAsync(int limit, string? cursor, ActivityOrigin? origin = null, CancellationToken cancellationToken = default) =>
        store.IsThere || cursor is not null ? await (await store.GetAsync()).ListAsync(limit, cursor, origin, cancellationToken) : new ActivityPage([], Older: null);

    /// <summary>A turn somebody ran on this thread themselves gets its line here; the timer's and the inbox's are written by those.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        if (turn is { ThreadId: ThreadId, Origin: not ("scheduler" or "inbox") })
        {
            lock (_gate)
            {
                _writing = Task.WhenAll(_writing, TellAsync(turn));
            }
        }
    }

    /// <summary>Ends when the lines of the turns ended so far are written, or can't be. Before the store is closed.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            return _writing;
        }
    }

    private async Task TellAsync(TurnEnded turn)
    {
        // The turn's end does not wait for this.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await RecordAsync(new NewActivity(
                turn.Origin == "a2a" ? ActivityOrigin.A2A : ActivityOrigin.Operator, $"turn_{StoredNames.Of(turn.Status)}", turn.Text)
            {
                ThreadId = turn.ThreadId, TurnId = turn.TurnId, UniqueKey = $"turn:{turn.TurnId}",
            });
        }
        catch (StoreException e)
        {
            LogUntold(logger, turn.TurnId, e.Message);
        }
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..SafeCut.Before(text, LongestText)] + "…";

    [LoggerMessage(EventName = "activity_untold", Level = LogLevel.Warning, Message = "the activity misses turn {Turn}; its thread has it: {Reason}")]
    private static partial void LogUntold(ILogger log, string turn, string reason);
}
