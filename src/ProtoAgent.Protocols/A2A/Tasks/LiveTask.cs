using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>
/// One task that has not ended. All that happens to it (its turn's events, what peers say, who comes to read) passes through one queue, so
/// that what is written, what is told and what a new reader sees first can't part. See README.md in this folder.
/// </summary>
internal sealed partial class LiveTask
{
    /// <summary>What a turn gets to end once it is cancelled.</summary>
    private static readonly TimeSpan s_cancelling = TimeSpan.FromSeconds(20);

    private readonly TaskServices _services;
    private readonly Action<LiveTask> _over;
    private readonly TaskQueue _queue;
    private readonly List<Subscription> _readers = [];
    private readonly AnswerPieces _answer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoredA2ATask? _stored;
    private A2ATask? _task;
    private Action _cancelTurn = () => { };
    private bool _isCancelled;
    private bool _isDriven;
    private bool _isClosed;

    /// <param name="over">Told when nothing can happen any more.</param>
    public LiveTask(string id, TaskServices services, Action<LiveTask> over)
    {
        (Id, _services, _over, _answer) = (id, services, over, new AnswerPieces(id));
        _queue = new TaskQueue(LoadAsync, Failed);
    }

    public string Id { get; }

    /// <summary>Begins to work through the queue.</summary>
    public void Start() => _queue.Start();

    /// <summary>The turn runs, is gone on with or has ended: whoever knows is asked.</summary>
    public void Drive() => _queue.Add(DriveNow);

    /// <summary>Told of each event of the task's turn, in order.</summary>
    public void Happened(TurnEvent happened) => _queue.Add(() => TookAsync(happened));

    /// <summary>Null when it has ended, or there is none: the store says which.</summary>
    public Task<Subscription?> SubscribeAsync(IReadOnlySet<string> extensions) => _queue.AskAsync(() =>
    {
        if (_task is null || _isClosed)
        {
            return Task.FromResult<Subscription?>(null);
        }

        var reader = new Subscription(_answer.On(_task), extensions, Leave);
        _readers.Add(reader);
        return Task.FromResult<Subscription?>(reader);
    });

    /// <summary>Gives the running or waiting turn what a peer says to the task.</summary>
    /// <returns>How it stands then; null when it has ended, or there is none.</returns>
    public Task<A2ATask?> SayAsync(Message message, string text, Caller caller) => _queue.AskAsync(async () =>
    {
        if (_task is not { } before)
        {
            return null;
        }

        var waits = before.Status.State.IsInterrupted();
        if (!waits && (await _services.Checkpoints.GetOpenTurnAsync(TaskFormat.ThreadOf(before.ContextId!)))?.Id != Id)
        {
            throw NotNow();
        }

        // Kept first: who sends it again, not knowing whether it came, must not decide the next thing with it.
        if (!await (await _services.Store.GetAsync()).SayAsync(Id, new TaskMessage(TaskFormat.KeyOf(message), TaskFormat.Json(message))))
        {
            return _task;
        }

        _task = before with { History = [.. before.History ?? [], message] };
        if (waits)
        {
            await DecideAsync(message, caller);
        }
        else if (!await _services.Turns().SteerAsync(TaskFormat.ThreadOf(before.ContextId!), text, CancellationToken.None))
        {
            throw NotNow();
        }

        return _task;
    });

    /// <inheritdoc cref="Artifacts.ITaskArtifacts"/>
    public Task<bool> AttachAsync(Artifact artifact) => _queue.AskAsync(async () =>
    {
        if (_task is not { } task)
        {
            return false;
        }

        IReadOnlyList<Artifact> all = [.. (task.Artifacts ?? []).Where(a => a.ArtifactId != artifact.ArtifactId), artifact];
        if (!await WriteAsync(task.Status.State, task.Status.Message, all))
        {
            return false;
        }

        Tell(new StreamResponse { ArtifactUpdate = new TaskArtifactUpdateEvent { TaskId = Id, ContextId = task.ContextId!, Artifact = artifact, LastChunk = true } });
        return true;
    });

    /// <summary>Ends the task, unless it ends first.</summary>
    /// <exception cref="TurnRejectedException">Another process works on it.</exception>
    public async Task CancelAsync(CancellationToken hungUp)
    {
        var waits = await _queue.AskAsync(async () =>
        {
            _isCancelled = true;
            _cancelTurn();
            if (_task is { Status.State: TaskState.Submitted })
            {
                // Its turn has not begun, and cancelled it can't.
                await EndAsync(TaskState.Canceled, "The task was cancelled before it began.");
            }

            return _task is not null && !_isDriven;
        });
        if (waits)
        {
            if (await _services.Checkpoints.GetTurnAsync(Id, hungUp) is { FinishedAt: null } turn && (await _services.Checkpoints.GetOpenTurnAsync(turn.ThreadId, hungUp))?.Id == Id)
            {
                await _services.Turns().CancelAsync(turn.ThreadId, hungUp);
            }

            Drive();
        }

        await Task.WhenAny(_ended.Task, Task.Delay(s_cancelling, _services.Time, hungUp));
    }

    /// <summary>The instance stops: readers are let go. The task itself is gone on with by the next start.</summary>
    public void Close() => _queue.Add(() =>
    {
        _isClosed = true;
        LetReadersGo();
    });

    /// <summary>If that fails it is tried again by whatever comes next: the file may be in trouble for a moment.</summary>
    private async Task LoadAsync()
    {
        if (_task is not null || _ended.Task.IsCompleted)
        {
            return;
        }

        _stored = await (await _services.Store.GetAsync()).GetAsync(Id);
        if (_stored is { HasEnded: false })
        {
            _task = TaskFormat.Of(_stored);
        }
        else
        {
            Over();
        }
    }

    private void DriveNow()
    {
        if (_stored is { } stored && _task is not null && !_isDriven)
        {
            Drive(stored, mayCancel: true);
        }
    }

    private void Drive(StoredA2ATask stored, bool mayCancel)
    {
        _isDriven = true;
        var turn = new TaskTurn(_services, stored);
        _cancelTurn = mayCancel ? turn.Cancel : () => { };
        if (_isCancelled)
        {
            _cancelTurn();
        }

        _ = turn.RunAsync().ContinueWith(done => _queue.Add(() => SettleAsync(done.Result)), TaskScheduler.Default);
    }

    /// <summary>The turn came to an end, or to where it waits, as its own record says.</summary>
    /// <param name="outcome">Null when only the record knows.</param>
    private async Task SettleAsync(TurnOutcome? outcome)
    {
        _isDriven = false;
        if (_task is null)
        {
            return;
        }

        var turn = await _services.Checkpoints.GetTurnAsync(Id);
        switch (outcome)
        {
            case { IsRecorded: true, Status: TurnStatus.Waiting }:
                await WaitAsync(turn);
                break;
            case { IsRecorded: true, Status: TurnStatus.Done }:
                await CompleteAsync(outcome.Reply ?? "");
                break;
            case { IsRecorded: true }:
                var wanted = outcome.Status == TurnStatus.Cancelled || (outcome.Status == TurnStatus.Interrupted && _isCancelled);
                await EndAsync(wanted ? TaskState.Canceled : TaskState.Failed, outcome.ErrorMessage);
                break;
            case null when turn is { FinishedAt: not null }:
                // It has ended, and how can be asked without cancelling anything.
                Drive(_stored!, mayCancel: false);
                break;
            case null when turn is null && _isCancelled:
                await EndAsync(TaskState.Canceled, "The task was cancelled before it began.");
                break;
            case { ErrorCode: not "shutting_down" } refused when turn is null && !refused.ErrorCode!.StartsWith("store_", StringComparison.Ordinal):
                await EndAsync(TaskState.Rejected, refused.ErrorMessage);
                break;
            default:
                // The instance stops, or a file is in trouble: the next start goes on with it.
                break;
        }
    }

    private async Task WaitAsync(TurnInfo? turn)
    {
        var open = await OpenAsync();
        if (turn is { Status: TurnStatus.Waiting })
        {
            // With nothing open it waits for no person: all is decided and it is about to run, or it waits for work it gave away. Its start will be told.
            // Looked at again by whoever came, it still waits for the same: said again that would look like a new question to who has just answered.
            var ask = StatusMessages.Ask(_task!, open, unclear: null);
            if (open.Count > 0 && (_task!.Status is not { State: TaskState.InputRequired, Message: { } asked } || TaskFormat.Json(asked with { MessageId = ask.MessageId }) != TaskFormat.Json(ask)))
            {
                await StandAsync(TaskState.InputRequired, ask);
            }
        }
        else
        {
            // Decided in that moment: it runs again.
            DriveNow();
        }
    }

    private async Task<IReadOnlyList<Approval>> OpenAsync() => [.. (await _services.Checkpoints.ApprovalsOfTurnAsync(Id)).Where(a => a.Decision is null).OrderBy(a => a.CreatedAt).ThenBy(a => a.Id, StringComparer.Ordinal)];

    private async Task DecideAsync(Message message, Caller caller)
    {
        var decisions = Decisions.Read(message, await OpenAsync(), caller.MayApprove);
        foreach (var one in decisions.Taken)
        {
            // The first decision stands, whoever was first.
            await _services.Turns().DecideAsync(one.Approval.Id, one.Decision, one.Answer, CancellationToken.None);
        }

        var open = await OpenAsync();
        if (open.Count > 0 || decisions.Taken.Count == 0)
        {
            await StandAsync(TaskState.InputRequired, StatusMessages.Ask(_task!, open, decisions.Unclear));
            return;
        }

        await StandAsync(TaskState.Working, message: null);
        DriveNow();
    }

    private A2AException NotNow() => new(ErrorKind.UnsupportedOperation, $"The task '{Id}' does not run in this moment, so it can't be told anything. Wait until it works, asks or has ended.") { Metadata = A2AException.Task(Id) };

    private async Task TookAsync(TurnEvent happened)
    {
        if (_task is not { } task)
        {
            return;
        }

        switch (happened)
        {
            case TurnEvent.Started:
                _answer.Restart();
                if (task.Status.State != TaskState.Working)
                {
                    await StandAsync(TaskState.Working, message: null);
                }

                DriveNow();
                break;
            case TurnEvent.Delta piece:
                Tell(new StreamResponse { ArtifactUpdate = _answer.Add(task, piece.Text) });
                break;
            case TurnEvent.ToolStarted call:
                _answer.Interrupt();
                Tell(ToolUpdates.Started(task, call), Extensions.ToolCalls);
                break;
            case TurnEvent.ToolEnded call:
                Tell(ToolUpdates.Ended(task, call), Extensions.ToolCalls);
                break;
            default:
                // The end is told once it is written: SettleAsync.
                break;
        }
    }

    private async Task CompleteAsync(string reply)
    {
        var task = _task!;
        IReadOnlyList<Artifact> artifacts = [.. task.Artifacts ?? [], .. _answer.Whole(reply)];
        if (await WriteAsync(TaskState.Completed, message: null, artifacts))
        {
            if (_answer.Last(task, reply) is { } last)
            {
                Tell(new StreamResponse { ArtifactUpdate = last });
            }

            TellStatus();
            Over();
        }
    }

    private async Task EndAsync(TaskState state, string? why)
    {
        if (await WriteAsync(state, why is null ? null : StatusMessages.Say(_task!, why), artifacts: null))
        {
            TellStatus();
            Over();
        }
    }

    private async Task StandAsync(TaskState state, Message? message)
    {
        if (await WriteAsync(state, message, artifacts: null))
        {
            TellStatus();
        }
    }

    /// <summary>False when it had ended meanwhile.</summary>
    private async Task<bool> WriteAsync(TaskState state, Message? message, IReadOnlyList<Artifact>? artifacts)
    {
        // What the agent asked stays readable when the answer to it has come.
        var asked = _task!.Status.Message is { } before && state != TaskState.InputRequired ? new[] { before } : [];
        var stored = await (await _services.Store.GetAsync()).ChangeAsync(Id, new A2ATaskStatusChange(TaskFormat.NameOf(state), state.IsTerminal())
        {
            StatusMessage = message is null ? null : TaskFormat.Json(message),
            Artifacts = artifacts is { Count: > 0 } ? TaskFormat.Json(artifacts) : null,
            Messages = [.. asked.Select(m => new TaskMessage(TaskFormat.KeyOf(m), TaskFormat.Json(m)))],
        });
        if (stored is null)
        {
            Over();
            return false;
        }

        (_stored, _task) = (stored, TaskFormat.Of(stored));
        return true;
    }

    private void TellStatus() => Tell(new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { TaskId = Id, ContextId = _task!.ContextId!, Status = _task.Status } });

    private void Tell(StreamResponse update, string? extension = null)
    {
        _readers.RemoveAll(r => !r.Tell(update, extension));
        if (extension is null)
        {
            _services.Push?.Happened(Id, update);
        }
    }

    private void Leave(Subscription reader) => _queue.Add(() => _readers.Remove(reader));

    private void LetReadersGo()
    {
        _readers.ForEach(r => r.End());
        _readers.Clear();
    }

    private void Over()
    {
        _task = null;
        LetReadersGo();
        _ended.TrySetResult();
        _queue.Complete();
        _over(this);
    }

    /// <summary>What could not be written the turn still knows: the next look, or the next start, writes it.</summary>
    private void Failed(Exception e) => LogFailed(_services.Logger, e is StoreException ? null : e, Id, e.Message);

    [LoggerMessage(EventName = "a2a_task_failed", Level = LogLevel.Error, Message = "what happened to the task {Task} of a peer could not be written or told: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string task, string reason);
}
