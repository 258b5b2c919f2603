using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Inbox;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;

namespace ProtoAgent.Tests.Agent.Inbox;

/// <summary>The inbox and the activity beside a runner of turns, over real files; another process's over the same files when the first one "dies".</summary>
internal sealed class InboxBench : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _opened = [];

    public TurnFixture Turns { get; } = new();

    public InboxOptions Options { get; set; } = new();

    public EventBus Events { get; private set; } = null!;

    public EventSubscription Heard { get; private set; } = null!;

    public LateStore<InboxStore> Store { get; private set; } = null!;

    public ActivityLog Activity { get; private set; } = null!;

    public InboxService Inbox { get; private set; } = null!;

    /// <summary>A process, with its turns gone on with.</summary>
    public async Task<InboxBench> StartAsync()
    {
        Turns.Opened = Build;
        await Turns.StartAsync();
        await Turns.Runner.ResumeAsync(default);
        Inbox.Start();
        return this;
    }

    /// <summary>The process is gone with whatever it had in hand, and another one starts.</summary>
    public async Task CrashAsync()
    {
        Turns.Die();
        await StartAsync();
    }

    public async Task<InboxItem> PostAsync(string text, InboxPriority priority = InboxPriority.Now, string source = "ci", string? key = null) =>
        (await Inbox.PostAsync(new NewItem(text, priority, source, key))).ShouldBeOfType<InboxAdd.Added>().Item;

    /// <summary>The data of the next event of that topic; others before it are passed over.</summary>
    public async Task<string> HeardAsync(string topic)
    {
        while (true)
        {
            var happened = await Heard.Events.ReadAsync().AsTask().WaitAsync(s_patience);
            if (happened.Topic == topic)
            {
                return System.Text.Encoding.UTF8.GetString(happened.Data.Span);
            }
        }
    }

    public async Task<InboxItem> GetAsync(string id) => (await (await Store.GetAsync()).GetAsync(id))!;

    /// <summary>Until the item stands so, in whichever moment that is.</summary>
    public async Task<InboxItem> UntilAsync(string id, Func<InboxItem, bool> stands)
    {
        using var late = new CancellationTokenSource(s_patience);
        while (true)
        {
            if (await GetAsync(id) is var item && stands(item))
            {
                return item;
            }

            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>"origin kind text" of each line.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync()
    {
        await Activity.FlushAsync();
        return [.. (await Activity.ListAsync(50, null)).Items.Select(l => $"{ActivityNames.Of(l.Origin)} {l.Kind} {l.Text}")];
    }

    public Task<List<string>> ThreadAsync() => Turns.ThreadAsync(ActivityLog.ThreadId);

    public async ValueTask DisposeAsync()
    {
        await Turns.Runner.StopAsync(TimeSpan.Zero);
        await Inbox.DisposeAsync();
        await Activity.FlushAsync();
        await Turns.DisposeAsync();
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void Build()
    {
        var (paths, turns) = (_folder.Paths(), Turns);
        Events = new EventBus(Turns.Time);
        Heard = Events.Subscribe();
        Store = new LateStore<InboxStore>("inbox", paths.Inbox, () => InboxStore.OpenAsync(paths, turns.IsLive, turns.Time, NullLogger<InboxStore>.Instance), s => s.Problem);
        var lines = new LateStore<ActivityStore>("activity", paths.Activity, () => ActivityStore.OpenAsync(paths, turns.Time, NullLogger<ActivityStore>.Instance), s => s.Problem);
        _opened.AddRange([Store, lines]);
        var activity = new ActivityLog(lines, Events, NullLogger<ActivityLog>.Instance);
        var inbox = new InboxService(
            Store, turns.Store, () => turns.Runner, activity, Events, turns.Process, Options, turns.Time, NullLogger<InboxService>.Instance);
        turns.Tools.RemoveAll(t => t.Name == "check_inbox");
        turns.Tools.Add(new CheckInboxTool(inbox, new ToolOptions()));
        turns.Ended = turn =>
        {
            activity.TurnEnded(turn);
            inbox.TurnEnded(turn);
        };
        (Activity, Inbox) = (activity, inbox);
    }
}
