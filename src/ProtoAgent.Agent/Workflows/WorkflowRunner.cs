using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>Begins runs, goes on with those that were left, and does with them what people say. See README.md in this folder.</summary>
public sealed partial class WorkflowRunner : IAsyncDisposable
{
    /// <summary>A run another process of this root works on is looked at so often by who waits for it.</summary>
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(1);

    /// <summary>What runs get to be left in order, once their turns were stopped.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private readonly WorkflowServices _services;
    private readonly WorkflowEvents _events;
    private readonly RunsInHand _runs;

    public WorkflowRunner(WorkflowServices services)
    {
        _services = services;
        _events = new WorkflowEvents(services.Events);
        _runs = new RunsInHand(services, _events);
    }

    public RecipeBook Book => _services.Book;

    public bool IsStopping => _runs.IsStopping;

    /// <summary>A recipe and all that is wrong with it, as it is here and now: subagents and tools that are not there, too. Null if it can't even be read.</summary>
    public async Task<(Recipe? Recipe, IReadOnlyList<RecipeProblem> Problems)> ReadAsync(string text)
    {
        var (recipe, problems) = RecipeReader.Read(text);
        if (recipe is null)
        {
            return (null, problems);
        }

        // What an MCP server brings may come a moment after the start.
        await _services.Turns().Tools.SettledAsync();
        return (recipe, Check(recipe));
    }

    /// <summary>What of the recipe's subagents and tools is not there now.</summary>
    public IReadOnlyList<RecipeProblem> Check(Recipe recipe) => new RecipeReferences(_services.Turns().Tools, _services.Turns().Subagents).Check(recipe);

    /// <summary>Begins a run, which goes on whoever waits; of a key that was used before it is that run.</summary>
    /// <param name="key">Of a request that may be made again; null if it is not.</param>
    /// <param name="parentTurn">The turn that is to be woken by its end.</param>
    /// <exception cref="WorkflowException">There is no such workflow, it can't be run here, or the inputs don't fit. Nothing was written.</exception>
    /// <exception cref="StoreException">It is not written.</exception>
    public async Task<WorkflowRun> StartAsync(string name, JsonObject inputs, string origin, string? key = null, string? parentTurn = null)
    {
        var before = key is null || await _services.StoreIfThereAsync() is not { } there ? null : await there.FindByKeyAsync(key);
        if (before is not null)
        {
            // Whatever has become of its recipe.
            return before;
        }

        if (Book.Find(name) is not { } entry)
        {
            throw NoSuchWorkflow(name);
        }

        var (recipe, problems) = await ReadAsync(entry.Text);
        if (entry.Recipe is null || problems.Count > 0)
        {
            throw Invalid(name, entry.Recipe is null ? entry.Problems : problems);
        }

        var run = new NewWorkflowRun(
            Guid.CreateVersion7(_services.Time.GetUtcNow()).ToString("N"),
            name,
            recipe!.Text,
            InputValues.Bind(recipe, inputs).ToJsonString(),
            origin,
            _services.Runner,
            [.. recipe.Steps.Select(s => s.Id)])
        {
            Key = key, ParentTurn = parentTurn,
        };
        var store = await _services.Store.GetAsync();
        await PruneAsync(store);
        (WorkflowRunDetails Run, bool Begun)? begun = null;
        await _runs.TakeAsync(store, async () =>
        {
            begun = await store.BeginAsync(run);
            if (!begun.Value.Begun)
            {
                return null;
            }

            _events.RunStarted(begun.Value.Run.Run);
            return begun.Value.Run;
        });
        return begun?.Run.Run ?? throw new WorkflowException("shutting_down", "The instance is stopping and begins no runs. Try again when it is back.");
    }

    /// <summary>Goes on with the runs that were left by processes that are gone, and with those that wait for nothing any more.</summary>
    public async Task GoOnAsync()
    {
        if (await _services.StoreIfThereAsync() is { } store)
        {
            foreach (var run in await store.OpenRunsAsync())
            {
                await _runs.TendAsync(store, run.Id);
            }
        }
    }

    /// <summary>Null if there is no such run. One that was left by a process that is gone is gone on with.</summary>
    public async Task<WorkflowRunDetails?> GetAsync(string id)
    {
        if (await _services.StoreIfThereAsync() is not { } store)
        {
            return null;
        }

        await _runs.TendAsync(store, id);
        return await store.GetAsync(id);
    }

    /// <summary>The run once its version is another than that, or the time is over. Null if there is no such run.</summary>
    public async Task<WorkflowRunDetails?> ChangedAsync(string id, long version, TimeSpan within, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(within, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        using var told = _services.Events.Subscribe();
        var mark = System.Text.Encoding.UTF8.GetBytes(id);
        while (true)
        {
            if (await GetAsync(id) is not { } now || now.Run.Version > version || now.Run.HasEnded || late.IsCancellationRequested || told.Dropped)
            {
                return await GetAsync(id);
            }

            try
            {
                await foreach (var happened in told.Events.ReadAllAsync(either.Token))
                {
                    if (happened.Topic.StartsWith(WorkflowEvents.Prefix, StringComparison.Ordinal) && happened.Data.Span.IndexOf(mark) >= 0)
                    {
                        break;
                    }
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The time is over: it is told as it stands.
            }
        }
    }

    /// <summary>The conversation in which an attempt at a step can be read.</summary>
    public static string SessionOf(string runId, string stepId, long attempt) => StepTurn.IdOf(runId, stepId, attempt);

    /// <inheritdoc cref="WorkflowRunStore.ListAsync"/>
    public async Task<WorkflowRunPage> ListAsync(string? workflow, WorkflowStatus? status, int limit, string? cursor, CancellationToken cancellationToken) =>
        await _services.StoreIfThereAsync() is { } store ? await store.ListAsync(workflow, status, limit, cursor, cancellationToken) : new WorkflowRunPage([], null);

    /// <inheritdoc cref="WorkflowRunStore.OpenGatesAsync"/>
    public async Task<IReadOnlyList<Gate>> OpenGatesAsync(int limit, CancellationToken cancellationToken) =>
        await _services.StoreIfThereAsync() is { } store ? await store.OpenGatesAsync(limit, cancellationToken) : [];

    /// <summary>Decides what a step waits for; the first decision stands, and the run goes on. Null if there is no such gate.</summary>
    public async Task<GateTaken?> DecideAsync(string gateId, GateDecision decision, string? answer)
    {
        if (await _services.StoreIfThereAsync() is not { } store || await store.DecideAsync(gateId, decision, answer) is not { } taken)
        {
            return null;
        }

        if (taken.Taken)
        {
            var gate = taken.Gate;
            LogDecided(_services.Logger, gate.RunId, gate.StepId, WorkflowNames.Of(decision));
            _services.Recorder.Approval(new ApprovalRecord(
                gate.RunId, gate.StepId, gate.Id, $"workflow:{gate.Workflow}", decision == GateDecision.Approve ? "approved" : "denied", "operator", answer, gate.DecidedAt - gate.CreatedAt));
            _events.Decided(gate);
            await _runs.WakeAsync(taken.Gate.RunId);
        }

        return taken;
    }

    /// <summary>
    /// Lets a run go on: past the gate it waits at, which is then decided; from where a process that is gone left it; or, when it
    /// failed or was cancelled, with what is not done. Null if there is no such run.
    /// </summary>
    /// <param name="step">Whose gate is meant; null if there is one alone.</param>
    /// <exception cref="WorkflowException">There is nothing to go on with, or it is not clear with what.</exception>
    public async Task<WorkflowRunDetails?> ResumeAsync(string id, string? step, GateDecision decision, string? answer)
    {
        if (await _services.StoreIfThereAsync() is not { } store || await store.GetAsync(id) is not { } found)
        {
            return null;
        }

        var run = found.Run;
        var open = run.HasEnded ? [] : found.Gates.Where(g => g.DecidedAt is null && (step is null || g.StepId == step)).ToList();
        switch (open.Count)
        {
            case 1:
                await DecideAsync(open[0].Id, decision, answer);
                break;
            case > 1:
                throw new WorkflowException("run_waiting", $"The run '{id}' waits at {open.Count} gates: {string.Join(", ", found.Steps.Select(s => s.Id).Where(s => open.Any(g => g.StepId == s)))}. Say which 'step' is meant.", "step");
            case 0 when step is not null || decision == GateDecision.Deny:
                throw new WorkflowException("run_waiting", $"{(step is null ? "No step" : $"Not the step '{step}'")} of the run '{id}' waits at a gate.", "step");
            case 0 when run.HasEnded:
                await ReopenAsync(store, run);
                break;
            case 0 when !await _runs.TendAsync(store, id):
                throw run.Status == WorkflowStatus.Waiting
                    ? new WorkflowException("run_waiting", $"The run '{id}' waits for what a turn of its step {Waiting(found)} asks. Decide that: GET /api/approvals shows it.")
                    : new WorkflowException("run_running", $"The run '{id}' runs.");
        }

        return await store.GetAsync(id);
    }

    /// <summary>Ends a run and returns it once that is recorded. Null if there is no such run.</summary>
    /// <exception cref="WorkflowException">It has ended, or another process works on it.</exception>
    public async Task<WorkflowRunDetails?> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (await _services.StoreIfThereAsync() is not { } store || await store.GetAsync(id, cancellationToken) is not { } found)
        {
            return null;
        }

        if (found.Run.HasEnded)
        {
            throw new WorkflowException("run_ended", $"The run '{id}' is over: it is {WorkflowNames.Of(found.Run.Status)}.");
        }

        if (found.Run.Status == WorkflowStatus.Running && found.Run.Runner != _services.Runner && _runs.IsWorkedOn(found.Run))
        {
            throw new WorkflowException("run_elsewhere", $"Another process of this root ({found.Run.Runner}) works on the run '{id}'. Cancel it there; 'protoagent ps' shows its port.");
        }

        await store.RequestCancelAsync(id, cancellationToken);
        WorkflowRunDetails now;
        do
        {
            // It may come to wait in that moment: then it is taken over, and ended.
            await _runs.WakeAsync(id);
            now = await ParkedOrEndedAsync(id, cancellationToken);
            if (!now.Run.HasEnded && IsStopping)
            {
                throw new WorkflowException("shutting_down", $"The instance is stopping; the run '{id}' ends when it is back.");
            }
        }
        while (!now.Run.HasEnded);
        return now;
    }

    /// <summary>Until the run has ended, or waits for a person.</summary>
    public async Task<WorkflowRunDetails> ParkedOrEndedAsync(string id, CancellationToken cancellationToken)
    {
        var store = await _services.Store.GetAsync();
        while (true)
        {
            await _runs.TendAsync(store, id);
            if (_runs.WorkOn(id) is { } work)
            {
                await work.WaitAsync(cancellationToken);
            }

            var now = await store.GetAsync(id, cancellationToken) ?? throw new WorkflowException("run_not_found", $"The run '{id}' was deleted.");
            if (now.Run.HasEnded)
            {
                return now;
            }

            if (now.Run.Status == WorkflowStatus.Waiting)
            {
                // Its work may have ended between the two looks above, with a decision still to be taken up.
                if (await _runs.TendAsync(store, id) || _runs.WorkOn(id) is not null)
                {
                    continue;
                }

                return now;
            }

            if (IsStopping)
            {
                throw new WorkflowException("shutting_down", $"The instance is stopping; the run '{id}' goes on when it is back.");
            }

            if (_runs.WorkOn(id) is null)
            {
                await Task.Delay(s_lookAgain, _services.Time, cancellationToken);
            }
        }
    }

    /// <summary>Told of each turn's end: where it is a step's, its run may go on.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        if (StepTurn.RunOf(turn.TurnId) is { } run)
        {
            _ = Task.Run(() => WakeAsync(run));
        }
    }

    /// <summary>Begins nothing more. What runs is left for the next start once its turns are. Safe to call twice.</summary>
    public void Stop() => _runs.Stop();

    /// <summary>Until every run is left as it stands, which takes until the turns are stopped.</summary>
    public Task StoppedAsync() => _runs.StoppedAsync();

    public async ValueTask DisposeAsync()
    {
        Stop();
        try
        {
            await _runs.StoppedAsync().WaitAsync(s_lastWords, _services.Time);
        }
        catch (TimeoutException)
        {
            // A turn that does not come to its end is left to the next start, and its run with it.
        }

        await _services.Store.DisposeAsync();
        _runs.Dispose();
    }

    private async Task WakeAsync(string id)
    {
        try
        {
            await _runs.WakeAsync(id);
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            LogNotWoken(_services.Logger, id, e.Message);
        }
    }

    internal WorkflowException NoSuchWorkflow(string name) =>
        new("workflow_not_found", $"There is no workflow '{name}'. There is: {string.Join(", ", Book.All().Select(e => e.Name))}.", "name");

    private static WorkflowException Invalid(string name, IReadOnlyList<RecipeProblem> problems) =>
        new("workflow_invalid", $"The workflow '{name}' can't be run: {string.Join(" ", problems)}") { Problems = problems };

    private async Task ReopenAsync(WorkflowRunStore store, WorkflowRun run)
    {
        if (run.Status == WorkflowStatus.Done)
        {
            throw new WorkflowException("run_ended", $"The run '{run.Id}' is done. Begin another.");
        }

        await _runs.TakeAsync(store, async () =>
        {
            var reopened = await store.ReopenAsync(run.Id, _services.Runner);
            if (reopened is not null)
            {
                _events.RunStarted(reopened.Run);
            }

            return reopened;
        });
    }

    private static string Waiting(WorkflowRunDetails found) => string.Join(", ", found.Steps.Where(s => s.Status == WorkflowStepStatus.Waiting).Select(s => s.Id));

    /// <summary>Runs that ended long ago, and the threads of their steps, which no other list shows. When another begins: nothing wakes up for it.</summary>
    private async Task PruneAsync(WorkflowRunStore store)
    {
        if (_services.Options.Retention is not { } keep)
        {
            return;
        }

        foreach (var run in await store.EndedBeforeAsync(_services.Time.GetUtcNow() - keep))
        {
            foreach (var step in (await store.GetAsync(run.Id))?.Steps ?? [])
            {
                for (var attempt = 1L; attempt <= step.Attempt; attempt++)
                {
                    await _services.Checkpoints.DeleteThreadAsync(StepTurn.IdOf(run.Id, step.Id, attempt));
                }
            }

            await store.DeleteAsync(run.Id);
        }
    }

    [LoggerMessage(EventName = "workflow_decided", Level = LogLevel.Information, Message = "run {Run}: a person said {Decision} at the gate of the step {Step}")]
    private static partial void LogDecided(ILogger log, string run, string step, string decision);

    [LoggerMessage(EventName = "workflow_not_woken", Level = LogLevel.Warning, Message = "run {Run} may have something to go on with, and could not be looked at: {Reason}. The next start looks again")]
    private static partial void LogNotWoken(ILogger log, string run, string reason);
}
