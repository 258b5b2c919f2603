using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>Why a process works on a run no more.</summary>
internal enum LoopEnd
{
    Ended,

    /// <summary>It waits for a person.</summary>
    Parked,

    /// <summary>The instance stops: the next one goes on.</summary>
    Left,

    /// <summary>The file could not be written, or another process has the run.</summary>
    Broken,
}

/// <summary>One run in the hands of this process, from how it stands in the file to its end or to where it waits. See README.md in this folder.</summary>
/// <param name="slots">Of all runs of the process.</param>
/// <param name="stopping">The instance stops: nothing more is begun.</param>
internal sealed partial class RunLoop(WorkflowServices services, RunState state, Recipe recipe, SemaphoreSlim slots, CancellationToken stopping) : IDisposable
{
    private readonly Channel<StepResult?> _news = Channel.CreateUnbounded<StepResult?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _cancelled = new();

    /// <summary>A turn was left for the next start: so is the run.</summary>
    private bool _left;

    private bool MustStop => stopping.IsCancellationRequested || _left;

    /// <summary>Something it waits for may be over.</summary>
    public void Wake() => _news.Writer.TryWrite(null);

    /// <summary>Never throws.</summary>
    public async Task<LoopEnd> RunAsync()
    {
        try
        {
            return await WorkAsync();
        }
        catch (Exception e)
        {
            // What its steps are at goes on, each a turn of its own; whoever takes the run over finds them.
            LogBroken(services.Logger, e is StaleRunException or StoreException ? null : e, state.Run.Id, state.Run.Workflow, e.Message);
            return LoopEnd.Broken;
        }
    }

    public void Dispose() => _cancelled.Dispose();

    private async Task<LoopEnd> WorkAsync()
    {
        await using var waker = stopping.Register(Wake);
        await LookAsync();
        while (true)
        {
            if (!_cancelled.IsCancellationRequested && !MustStop)
            {
                await AdvanceAsync();
            }

            if (_running.Count > 0)
            {
                if (await _news.Reader.ReadAsync() is { } result)
                {
                    await TakeAsync(result);
                    continue;
                }
            }
            else if (_cancelled.IsCancellationRequested)
            {
                await CancelAsync();
                return LoopEnd.Ended;
            }
            else if (MustStop)
            {
                return LoopEnd.Left;
            }
            else if (state.AllEnded)
            {
                await state.FinishAsync();
                LogEnded(services.Logger, state.Run.Id, state.Run.Workflow, WorkflowNames.Of(state.Run.Status));
                return LoopEnd.Ended;
            }
            else if (await state.ParkAsync())
            {
                return LoopEnd.Parked;
            }

            await LookAsync();
        }
    }

    /// <summary>What was written meanwhile; and attempts that are nobody's: those of a process that is gone, and those whose turn waited.</summary>
    private async Task LookAsync()
    {
        await state.LookAsync();
        if (state.Run.CancelRequested)
        {
            await _cancelled.CancelAsync();
        }
        else if (!MustStop)
        {
            recipe.Steps.Where(s => state[s.Id] is { Attempt: > 0, Status: WorkflowStepStatus.Running or WorkflowStepStatus.Waiting } && !_running.Contains(s.Id)).ToList().ForEach(Launch);
        }
    }

    /// <summary>Begins what can be begun, until nothing more can.</summary>
    private async Task AdvanceAsync()
    {
        bool moved;
        do
        {
            moved = false;
            foreach (var step in recipe.Steps)
            {
                moved |= state[step.Id] switch
                {
                    { Status: WorkflowStepStatus.Pending } => await TryBeginAsync(step),
                    { Status: WorkflowStepStatus.Waiting, Attempt: 0 } when state.GateOf(step.Id) is { Decision: not null } gate => await PassAsync(step, gate),
                    _ => false,
                };
            }
        }
        while (moved);
    }

    private async Task<bool> TryBeginAsync(RecipeStep step)
    {
        if (step.WaitsFor.Any(w => !state[w].HasEnded))
        {
            return false;
        }

        if (step.WaitsFor.Where(w => state[w].Status != WorkflowStepStatus.Done).ToList() is { Count: > 0 } without)
        {
            await state.SaveAsync(state[step.Id] with
            {
                Status = WorkflowStepStatus.Skipped,
                FinishedAt = state.Now,
                ErrorCode = "dependency_failed",
                ErrorMessage = $"It needs the output of {string.Join(", ", without)}, and there is none.",
            });
            return true;
        }

        if (!step.IsGate)
        {
            return await BeginAsync(step);
        }

        if (state.GateOf(step.Id) is { } gate)
        {
            return gate.Decision is not null && await PassAsync(step, gate);
        }

        await AskAsync(step);
        return true;
    }

    private async Task AskAsync(RecipeStep step)
    {
        var values = state.Values();
        var prompt = step.Prompt?.Render(values.Text) ?? (step.Tool is { } tool ? $"{tool} {step.Arguments?.Render(values.Text, values.Whole)?.ToJsonString() ?? "{}"}" : "");
        var question = step.Question?.Render(values.Text) ?? $"May the step '{step.Id}' of the workflow '{state.Run.Workflow}' begin?";
        await state.SaveAsync(state[step.Id] with { Status = WorkflowStepStatus.Waiting }, new NewGate(Guid.CreateVersion7(state.Now).ToString(), question, prompt));
    }

    /// <summary>A person has spoken.</summary>
    private async Task<bool> PassAsync(RecipeStep step, Gate gate)
    {
        if (gate.Decision != GateDecision.Approve)
        {
            var why = gate.Answer is { Length: > 0 } ? $" They said: {gate.Answer}" : "";
            await state.SaveAsync(state[step.Id] with { Status = WorkflowStepStatus.Failed, FinishedAt = state.Now, ErrorCode = "denied", ErrorMessage = $"A person did not let it begin.{why}" });
            return true;
        }

        if (!step.IsQuestion)
        {
            return await BeginAsync(step);
        }

        await state.SaveAsync(state[step.Id] with { Status = WorkflowStepStatus.Done, StartedAt = gate.CreatedAt, FinishedAt = state.Now, Output = gate.Answer ?? "approved" });
        return true;
    }

    private async Task<bool> BeginAsync(RecipeStep step)
    {
        if (_running.Count >= recipe.MaxConcurrency)
        {
            return false;
        }

        var before = state[step.Id];
        await state.SaveAsync(before with { Status = WorkflowStepStatus.Running, Attempt = before.Attempt + 1, StartedAt = state.Now, ErrorCode = null, ErrorMessage = null });
        Launch(step);
        return true;
    }

    private void Launch(RecipeStep step)
    {
        _running.Add(step.Id);
        var (at, turn, values, said) = (state[step.Id], new StepTurn(services, state.Run, step), state.Values(), state.GateOf(step.Id)?.Answer);
        _ = Task.Run(async () => _news.Writer.TryWrite(await AttemptAsync(at, c => turn.RunAsync(at.Attempt, values, said, c))));
    }

    /// <summary>Never throws.</summary>
    private async Task<StepResult> AttemptAsync(WorkflowStep at, Func<CancellationToken, Task<StepResult>> attempt)
    {
        try
        {
            // A turn that has begun is ended by the instance's stop itself, which gives it its time.
            using var begin = CancellationTokenSource.CreateLinkedTokenSource(_cancelled.Token, stopping);
            if (at.NotBefore - services.Time.GetUtcNow() is { Ticks: > 0 } pause)
            {
                await Task.Delay(pause, services.Time, begin.Token);
            }

            await slots.WaitAsync(begin.Token);
            try
            {
                return await attempt(_cancelled.Token);
            }
            finally
            {
                slots.Release();
            }
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            return StepResult.Left(at.Id);
        }
        catch (StoreException e)
        {
            return StepResult.Failed(at.Id, e.Code, e.Message, retryable: true);
        }
        catch (Exception e)
        {
            LogStepBroken(services.Logger, e, at.Id, state.Run.Id);
            return StepResult.Failed(at.Id, "internal", $"Something went wrong inside the instance; its log says what, under run {state.Run.Id}.", retryable: true);
        }
    }

    private async Task TakeAsync(StepResult result)
    {
        _running.Remove(result.StepId);
        var (step, its) = (state[result.StepId], recipe.Steps.First(s => s.Id == result.StepId));
        if (result.IsLeft)
        {
            _left = !_cancelled.IsCancellationRequested;
        }
        else if (result.Status == WorkflowStepStatus.Failed && result.Retryable && step.Attempt <= its.Retries && !_cancelled.IsCancellationRequested)
        {
            await state.SaveAsync(
                step with
                {
                    Status = WorkflowStepStatus.Running,
                    Attempt = step.Attempt + 1,
                    StartedAt = state.Now,
                    NotBefore = state.Now + (its.RetryPause * Math.Pow(2, step.Attempt - 1)),
                    ErrorCode = result.Code,
                    ErrorMessage = result.Message,
                },
                retried: true);
            Launch(its);
        }
        else if (result.Status != WorkflowStepStatus.Waiting || step.Status != WorkflowStepStatus.Waiting)
        {
            await state.SaveAsync(step with
            {
                Status = result.Status,
                FinishedAt = result.Status == WorkflowStepStatus.Waiting ? null : state.Now,
                NotBefore = null,
                Output = result.Output,
                External = result.External,
                ErrorCode = result.Code,
                ErrorMessage = result.Message,
            });
        }
    }

    /// <summary>What waits for a person is wanted no more; then the run is over.</summary>
    private async Task CancelAsync()
    {
        foreach (var step in recipe.Steps.Select(s => state[s.Id]).Where(s => !s.HasEnded))
        {
            try
            {
                if (step.Attempt > 0)
                {
                    await services.Turns().CancelAsync(StepTurn.IdOf(state.Run.Id, step.Id, step.Attempt), CancellationToken.None);
                }
            }
            catch (TurnRejectedException e)
            {
                // Another process of this root works on it; the run is over all the same.
                LogTurnNotCancelled(services.Logger, state.Run.Id, e.Message);
            }

            await state.SaveAsync(step with { Status = WorkflowStepStatus.Cancelled, FinishedAt = state.Now, NotBefore = null });
        }

        await state.CancelledAsync();
        LogEnded(services.Logger, state.Run.Id, state.Run.Workflow, WorkflowNames.Of(state.Run.Status));
    }

    [LoggerMessage(EventName = "workflow_ended", Level = LogLevel.Information, Message = "run {Run} of workflow {Workflow} is {Status}")]
    private static partial void LogEnded(ILogger log, string run, string workflow, string status);

    [LoggerMessage(EventName = "workflow_turn_not_cancelled", Level = LogLevel.Warning, Message = "a turn of the cancelled run {Run} goes on: {Reason}")]
    private static partial void LogTurnNotCancelled(ILogger log, string run, string reason);

    [LoggerMessage(EventName = "workflow_broken", Level = LogLevel.Error, Message = "run {Run} of workflow {Workflow} is left as it stands: {Reason}")]
    private static partial void LogBroken(ILogger log, Exception? e, string run, string workflow, string reason);

    [LoggerMessage(EventName = "workflow_step_broken", Level = LogLevel.Error, Message = "the step {Step} of run {Run} broke off")]
    private static partial void LogStepBroken(ILogger log, Exception e, string step, string run);
}
