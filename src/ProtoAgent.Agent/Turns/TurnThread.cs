using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>The thread as one turn knows and extends it. What is here is in the file; calls of several tools may extend it at once.</summary>
internal sealed class TurnThread : IDisposable
{
    /// <summary>Stands for the model where a slash command answered; no model has parentheses in its name, and one is called "command".</summary>
    public const string Command = "(command)";

    private readonly ICheckpointStore _checkpoints;
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Replaced, never changed: calls that run side by side read it while one of them writes.</summary>
    private volatile ThreadEntry[] _entries;

    private TurnThread(ICheckpointStore checkpoints, string threadId, string turnId, long head, ThreadEntry[] entries)
    {
        _checkpoints = checkpoints;
        ThreadId = threadId;
        TurnId = turnId;
        Head = head;
        _entries = entries;
    }

    public string ThreadId { get; }

    public string TurnId { get; }

    /// <summary>The last step's number.</summary>
    public long Head { get; private set; }

    /// <summary>What the model is told, the last summary first.</summary>
    public IReadOnlyList<ThreadEntry> Entries => _entries;

    /// <summary>This turn's own.</summary>
    public IEnumerable<ThreadEntry> Own => _entries.Where(e => e.TurnId == TurnId);

    /// <summary>Model calls. What the caller brought along is the turn's own too, and names no model.</summary>
    public int Rounds => Own.Count(e => e is { Kind: StepKind.Assistant, Content.Model: not null });

    /// <summary>A model has answered in this turn: what a slash command had to do here is done.</summary>
    public bool IsWithModel => Own.Any(e => e is { Kind: StepKind.Assistant, Content.Model: not (null or Command) });

    public TurnUsage Usage => new(Sum(e => e.InputTokens), Sum(e => e.OutputTokens));

    /// <summary>Of the answers that have a price; null if none has.</summary>
    public decimal? CostUsd => Own.Select(e => e.Content.CostUsd).Aggregate((decimal?)null, (sum, next) => next is null ? sum : (sum ?? 0) + next);

    /// <summary>Of every call the model is told of: some providers count anew in each answer, others refuse an id met twice.</summary>
    public IReadOnlySet<string> CallIds => _entries.Where(e => e.Kind == StepKind.ToolCall).Select(e => e.Content.CallId!).ToHashSet(StringComparer.Ordinal);

    /// <summary>This turn's calls that have no result yet, in their order.</summary>
    public IReadOnlyList<StepContent> OpenCalls
    {
        get
        {
            var done = Own.Where(e => e.Kind == StepKind.ToolResult).Select(e => e.Content.CallId).ToHashSet(StringComparer.Ordinal);
            return [.. Own.Where(e => e.Kind == StepKind.ToolCall && !done.Contains(e.Content.CallId)).Select(e => e.Content)];
        }
    }

    /// <summary>Whether a slash command made the call, and so a person; not a model.</summary>
    public bool IsOfCommand(string callId) =>
        Own.TakeWhile(e => e.Kind != StepKind.ToolCall || e.Content.CallId != callId).LastOrDefault(e => e.Kind == StepKind.Assistant) is { Content.Model: Command };

    public static async Task<TurnThread> LoadAsync(ICheckpointStore checkpoints, string threadId, string turnId, long head, CancellationToken cancelled) =>
        new(checkpoints, threadId, turnId, head, [.. (await checkpoints.ReadContextAsync(threadId, cancelled)).Select(ThreadEntry.Of)]);

    /// <summary>Whether a call that may not be repeated has been begun.</summary>
    public bool IsStarted(string callId) => Own.Any(e => e.Kind == StepKind.ToolStart && e.Content.CallId == callId);

    /// <exception cref="StaleStepException">Somebody else wrote to the thread, or the turn has ended.</exception>
    public async Task AppendAsync(IReadOnlyList<NewStep> steps, CancellationToken cancelled)
    {
        await _writing.WaitAsync(cancelled);
        try
        {
            // Once begun it is carried to its end: what was written must be known here.
            Took(await _checkpoints.AppendAsync(TurnId, Head, steps, CancellationToken.None), steps);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>What was said to the turn since its last model call becomes part of the thread.</summary>
    /// <returns>What that was.</returns>
    public async Task<IReadOnlyList<string>> TakeSteeringAsync(CancellationToken cancelled)
    {
        var head = await _checkpoints.TakeSteeringAsync(TurnId, Head, cancelled);
        return head == Head ? [] : await CatchUpAsync(head);
    }

    /// <summary>True: it has ended. False: it was steered meanwhile and goes on.</summary>
    public async Task<bool> FinishAsync(IReadOnlyList<NewStep> steps, TurnEnd end)
    {
        var finish = await _checkpoints.FinishTurnAsync(TurnId, Head, steps, end, CancellationToken.None);
        if (finish.Steered)
        {
            await CatchUpAsync(finish.Head);
            return false;
        }

        Took(finish.Head, steps);
        return true;
    }

    public async Task ParkAsync(IReadOnlyList<NewApproval> approvals) =>
        Head = await _checkpoints.ParkTurnAsync(TurnId, Head, [], approvals, CancellationToken.None);

    /// <summary>Lets the summary stand for all up to that step.</summary>
    public async Task SummariseAsync(StepContent summary, long through, CancellationToken cancelled)
    {
        await AppendAsync([summary.ToStep(StepKind.Summary, through)], cancelled);
        _entries = [_entries[^1], .. _entries.Where(e => e.Kind != StepKind.Summary && e.Seq > through)];
    }

    public void Dispose() => _writing.Dispose();

    private async Task<IReadOnlyList<string>> CatchUpAsync(long head)
    {
        // Never cancelled: it is written, and the turn's end extends it.
        var added = (await _checkpoints.ReadStepsAsync(ThreadId, Head, cancellationToken: CancellationToken.None)).Select(ThreadEntry.Of).ToList();
        _entries = [.. _entries, .. added];
        Head = head;
        return [.. added.Where(e => e.Kind == StepKind.User).Select(e => e.Content.Text)];
    }

    private void Took(long head, IReadOnlyList<NewStep> steps)
    {
        var first = Head + 1;
        _entries = [.. _entries, .. steps.Select((s, i) => new ThreadEntry(first + i, TurnId, s.Kind, StepContent.Parse(s.Content), s.Through))];
        Head = head;
    }

    private long? Sum(Func<StepContent, long?> tokens) =>
        Own.Select(e => tokens(e.Content)).Aggregate((long?)null, (sum, next) => next is null ? sum : (sum ?? 0) + next);
}
