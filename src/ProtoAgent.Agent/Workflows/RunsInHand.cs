using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>The runs this process works on: begun here, or taken over because nobody else does.</summary>
internal sealed partial class RunsInHand(WorkflowServices services, WorkflowEvents events) : IDisposable
{
    private readonly ConcurrentDictionary<string, (RunLoop Loop, Task Work)> _active = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _taking = new(1, 1);
    private readonly SemaphoreSlim _slots = new(services.Options.Concurrency, services.Options.Concurrency);
    private readonly CancellationTokenSource _stopping = new();

    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>The work on a run; null if this process does none.</summary>
    public Task? WorkOn(string id) => _active.GetValueOrDefault(id).Work;

    public void Stop() => _stopping.Cancel();

    public Task StoppedAsync() => Task.WhenAll(_active.Values.Select(a => a.Work));

    public void Dispose()
    {
        _taking.Dispose();
        _slots.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Begins work on what <paramref name="take"/> makes this process's; null if it made nothing so.</summary>
    public async Task<WorkflowRunDetails?> TakeAsync(WorkflowRunStore store, Func<Task<WorkflowRunDetails?>> take)
    {
        // One at a time: between the file's word that a run is ours and the work on it nobody may find it ours and idle.
        await _taking.WaitAsync();
        try
        {
            if (!IsStopping && await take() is { } taken)
            {
                Launch(store, taken);
                return taken;
            }

            return null;
        }
        finally
        {
            _taking.Release();
        }
    }

    /// <summary>Takes an open run over, if nobody who lives works on it.</summary>
    public async Task<bool> AdoptAsync(WorkflowRunStore store, string id) => await TakeAsync(store, async () =>
    {
        if (_active.ContainsKey(id) || await store.TakeOverAsync(id, services.Runner, IsWorkedOn) is not { } taken)
        {
            return null;
        }

        LogTaken(services.Logger, id, taken.Run.Workflow);
        return taken;
    }) is not null;

    /// <summary>Goes on with a run that was left, or waits for nothing any more. False if there is nothing to do.</summary>
    public async Task<bool> TendAsync(WorkflowRunStore store, string id) =>
        !_active.ContainsKey(id) && !IsStopping
        && await store.GetAsync(id) is { Run.HasEnded: false } found
        && (found.Run.Status == WorkflowStatus.Running ? !IsWorkedOn(found.Run) : await HasNewsAsync(found))
        && await AdoptAsync(store, id);

    /// <summary>Something a run waits for is, or may be, over.</summary>
    public async Task WakeAsync(string id)
    {
        if (_active.TryGetValue(id, out var active))
        {
            active.Loop.Wake();
        }
        else if (await services.StoreIfThereAsync() is { } store)
        {
            await AdoptAsync(store, id);
        }
    }

    /// <summary>Whether somebody who lives works on a run that runs. One of this process's own that it works on no more was left because its file could not be written.</summary>
    public bool IsWorkedOn(WorkflowRun run) => run.Runner == services.Runner ? _active.ContainsKey(run.Id) : services.IsLive(run.Runner);

    private void Launch(WorkflowRunStore store, WorkflowRunDetails taken)
    {
        // What was read once can be read again, unless a newer program wrote it.
        var recipe = RecipeReader.Read(taken.Run.Recipe).Recipe ?? new Recipe(taken.Run.Workflow, "", [], []) { Text = taken.Run.Recipe };
        var loop = new RunLoop(services, new RunState(store, events, taken, recipe, services.Time), recipe, _slots, _stopping.Token);
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _active[taken.Run.Id] = (loop, Task.Run(async () =>
        {
            await known.Task;
            await WorkAsync(store, taken.Run, loop);
        }));
        known.SetResult();
    }

    /// <summary>Never throws.</summary>
    private async Task WorkAsync(WorkflowRunStore store, WorkflowRun run, RunLoop loop)
    {
        var end = await loop.RunAsync();
        _active.TryRemove(run.Id, out _);
        loop.Dispose();
        try
        {
            if (end == LoopEnd.Ended && run.ParentTurn is { } turn)
            {
                await services.Turns().WakeAsync(turn);
            }
            else if (end == LoopEnd.Parked)
            {
                // What was decided, or came to its end, in the moment between the last look and the parking.
                await TendAsync(store, run.Id);
            }
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            LogNotTended(services.Logger, run.Id, e.Message);
        }
    }

    /// <summary>Whether a run that waits waits for nothing any more.</summary>
    private async Task<bool> HasNewsAsync(WorkflowRunDetails found)
    {
        if (found.Run.CancelRequested)
        {
            return true;
        }

        foreach (var step in found.Steps.Where(s => s.Status == WorkflowStepStatus.Waiting))
        {
            if (step.Attempt == 0 ? found.Gates.Any(g => g.StepId == step.Id && g.DecidedAt is not null)
                : await services.Checkpoints.GetTurnAsync(StepTurn.IdOf(found.Run.Id, step.Id, step.Attempt)) is not { Status: TurnStatus.Waiting })
            {
                return true;
            }
        }

        return false;
    }

    [LoggerMessage(EventName = "workflow_taken", Level = LogLevel.Information, Message = "going on with run {Run} of workflow {Workflow}")]
    private static partial void LogTaken(ILogger log, string run, string workflow);

    [LoggerMessage(EventName = "workflow_not_tended", Level = LogLevel.Warning, Message = "what comes behind run {Run} could not be done: {Reason}. The next start looks again")]
    private static partial void LogNotTended(ILogger log, string run, string reason);
}
