using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What happens to a turn, each inside the caller's transaction.</summary>
/// <param name="isRunnerLive">Asked only when another process's open turn is met.</param>
internal sealed class TurnWrites(Func<string, bool> isRunnerLive, TimeProvider time)
{
    /// <summary>Shaped like the notes the agent writes itself.</summary>
    private static readonly NewStep s_interruptedNote = new(
        StepKind.Note, """{"text":"The process that ran this turn died before it answered.","code":"interrupted"}""");

    public TurnStart Begin(SqliteSession session, NewTurn turn)
    {
        if (CheckpointRows.OpenTurn(session, turn.ThreadId) is { } open)
        {
            // Who asks lives; the registry need not be asked about that.
            return open.Status == TurnStatus.Waiting ? new TurnStart.Waiting(open)
                : open.Runner == turn.Runner || isRunnerLive(open.Runner) ? new TurnStart.Busy(open)
                : new TurnStart.Abandoned(open);
        }

        var head = session.Integer("SELECT head FROM threads WHERE id = ?1", turn.ThreadId) ?? 0;
        if (turn.ExpectedHead is { } expected && expected != head)
        {
            return new TurnStart.Moved(head);
        }

        var now = Now();
        session.Execute(
            "INSERT INTO threads (id, created_at, updated_at, head) VALUES (?1, ?2, ?2, 0) ON CONFLICT (id) DO NOTHING", turn.ThreadId, now);
        session.Execute(
            "INSERT INTO turns (id, thread_id, status, runner, origin, model, started_at, request, attended, resumed_at) VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6, ?7, ?8, ?6)",
            turn.TurnId,
            turn.ThreadId,
            turn.Runner,
            turn.Origin,
            turn.Model,
            now,
            turn.Request,
            turn.Attended ? 1 : 0);
        return new TurnStart.Started(Append(session, turn.ThreadId, turn.TurnId, head, turn.Steps));
    }

    /// <summary>Null when it has ended, waits for something, or another process that lives runs it.</summary>
    public TakenTurn? TakeOver(SqliteSession session, string turnId, string runner)
    {
        if (CheckpointRows.FindTurn(session, "id = ?1 AND finished_at IS NULL", turnId) is not { } turn
            || (turn.Status == TurnStatus.Waiting ? !IsFree(session, turnId) : isRunnerLive(turn.Runner)))
        {
            return null;
        }

        // A run that was cut off worked at least until its last step.
        session.Execute(
            """
            UPDATE turns SET
              worked_ms = worked_ms + CASE status WHEN 'running' THEN MAX(0, (SELECT updated_at FROM threads WHERE id = thread_id) - resumed_at) ELSE 0 END,
              attempts = CASE status WHEN 'running' THEN attempts + 1 ELSE 1 END,
              status = 'running', runner = ?2, resumed_at = ?3
            WHERE id = ?1
            """,
            turnId,
            runner,
            Now());
        return new TakenTurn(CheckpointRows.FindTurn(session, "id = ?1", turnId)!, CheckpointRows.FindThread(session, turn.ThreadId)!.Head);
    }

    /// <summary>Taking it over counts the run that was cut off; one that was not is taken off before.</summary>
    public static bool Release(SqliteSession session, string turnId, string runner) =>
        session.Execute("UPDATE turns SET attempts = attempts - 1 WHERE id = ?1 AND runner = ?2 AND status = 'running'", turnId, runner) == 1;

    public long Append(SqliteSession session, string turnId, long expectedHead, IReadOnlyList<NewStep> steps) =>
        Append(session, ThreadOfRunningTurn(session, turnId, expectedHead), turnId, expectedHead, steps);

    public TurnFinish Finish(SqliteSession session, string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end)
    {
        var threadId = ThreadOfRunningTurn(session, turnId, expectedHead);
        var said = Steering(session, turnId);
        if (end.Status == TurnStatus.Done)
        {
            var answered = Append(session, threadId, turnId, expectedHead, steps);
            if (said.Count > 0)
            {
                return new TurnFinish(Take(session, threadId, turnId, answered, said), Steered: true);
            }

            End(session, turnId, end);
            return new TurnFinish(answered, Steered: false);
        }

        // What was said to a turn that gives no answer stays said.
        var head = Append(session, threadId, turnId, expectedHead, [.. said, .. steps]);
        End(session, turnId, end);
        return new TurnFinish(head, Steered: false);
    }

    public long TakeSteering(SqliteSession session, string turnId, long expectedHead)
    {
        var threadId = ThreadOfRunningTurn(session, turnId, expectedHead);
        return Take(session, threadId, turnId, expectedHead, Steering(session, turnId));
    }

    /// <summary>False when no turn of the thread runs or waits.</summary>
    public static bool Steer(SqliteSession session, string threadId, string content) =>
        CheckpointRows.OpenTurn(session, threadId) is { } open
        && session.Execute(
            "INSERT INTO steering (turn_id, seq, content) VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM steering WHERE turn_id = ?1), ?2)", open.Id, content) == 1;

    public long Park(SqliteSession session, string turnId, long expectedHead, IReadOnlyList<NewStep> steps, IReadOnlyList<NewApproval> approvals)
    {
        var threadId = ThreadOfRunningTurn(session, turnId, expectedHead);
        var head = Append(session, threadId, turnId, expectedHead, steps);
        var now = Now();
        foreach (var approval in approvals)
        {
            session.Execute(
                "INSERT INTO approvals (id, thread_id, turn_id, call_id, kind, tool, arguments, question, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                approval.Id,
                threadId,
                turnId,
                approval.CallId,
                StoredNames.Of(approval.Kind),
                approval.Tool,
                approval.Arguments,
                approval.Question,
                now);
        }

        // Whoever asked has been told that it waits: from now on nobody does.
        session.Execute(
            "UPDATE turns SET status = 'waiting', attended = 0, attempts = 1, worked_ms = worked_ms + MAX(0, ?2 - resumed_at) WHERE id = ?1", turnId, now);
        return head;
    }

    /// <summary>
    /// The turn as it now is; null if it has ended meanwhile, or another process that lives has taken it. The thread says
    /// that it was cut off, so that nobody reads a missing answer as silence.
    /// </summary>
    public TurnInfo? Interrupt(SqliteSession session, string turnId)
    {
        if (CheckpointRows.FindTurn(session, "id = ?1 AND status = 'running'", turnId) is not { } running || isRunnerLive(running.Runner))
        {
            return null;
        }

        Append(session, running.ThreadId, turnId, CheckpointRows.FindThread(session, running.ThreadId)!.Head, [.. Steering(session, turnId), s_interruptedNote]);
        End(session, turnId, new TurnEnd(TurnStatus.Interrupted, ErrorCode: "interrupted", ErrorMessage: "The process that ran this turn died."));
        return CheckpointRows.FindTurn(session, "id = ?1", turnId);
    }

    /// <summary>Ends a turn that no process runs; null if it does not wait.</summary>
    public TurnInfo? CancelWaiting(SqliteSession session, string turnId, NewStep note, TurnEnd end)
    {
        if (CheckpointRows.FindTurn(session, "id = ?1 AND status = 'waiting'", turnId) is not { } waiting)
        {
            return null;
        }

        Append(session, waiting.ThreadId, turnId, CheckpointRows.FindThread(session, waiting.ThreadId)!.Head, [.. Steering(session, turnId), note]);
        End(session, turnId, end);
        return CheckpointRows.FindTurn(session, "id = ?1", turnId);
    }

    public static bool IsFree(SqliteSession session, string turnId) =>
        session.Integer("SELECT 1 FROM approvals WHERE turn_id = ?1 AND decided_at IS NULL LIMIT 1", turnId) is null;

    private static string ThreadOfRunningTurn(SqliteSession session, string turnId, long expectedHead)
    {
        using var rows = session.Query(
            "SELECT t.thread_id, t.status, h.head FROM turns t JOIN threads h ON h.id = t.thread_id WHERE t.id = ?1", turnId);
        if (!rows.Read())
        {
            throw new StaleStepException($"The turn '{turnId}' is not in the store: its thread was deleted.");
        }

        if (rows.Text(1) is var status && status != StoredNames.Of(TurnStatus.Running))
        {
            throw new StaleStepException($"The turn '{turnId}' does not run any more: it is {status}.");
        }

        return rows.Integer(2) is var head && head == expectedHead
            ? rows.Text(0)
            : throw new StaleStepException($"The turn '{turnId}' extends step {expectedHead}, but its thread is at step {head}.");
    }

    private static List<NewStep> Steering(SqliteSession session, string turnId)
    {
        var said = new List<NewStep>();
        using var rows = session.Query("SELECT content FROM steering WHERE turn_id = ?1 ORDER BY seq", turnId);
        while (rows.Read())
        {
            said.Add(new NewStep(StepKind.User, rows.Text(0)));
        }

        return said;
    }

    private long Take(SqliteSession session, string threadId, string turnId, long head, IReadOnlyList<NewStep> said)
    {
        session.Execute("DELETE FROM steering WHERE turn_id = ?1", turnId);
        return Append(session, threadId, turnId, head, said);
    }

    private long Append(SqliteSession session, string threadId, string turnId, long head, IReadOnlyList<NewStep> steps)
    {
        var now = Now();
        foreach (var step in steps)
        {
            session.Execute(
                "INSERT INTO steps (thread_id, seq, turn_id, kind, at, content, through) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                threadId,
                ++head,
                turnId,
                StoredNames.Of(step.Kind),
                now,
                step.Content,
                step.Through);
        }

        session.Execute("UPDATE threads SET head = ?2, updated_at = ?3 WHERE id = ?1", threadId, head, now);
        return head;
    }

    private void End(SqliteSession session, string turnId, TurnEnd end)
    {
        var now = Now();
        session.Execute(
            "UPDATE turns SET status = ?2, finished_at = ?3, input_tokens = ?4, output_tokens = ?5, error_code = ?6, error_message = ?7 WHERE id = ?1",
            turnId,
            StoredNames.Of(end.Status),
            now,
            end.InputTokens,
            end.OutputTokens,
            end.ErrorCode,
            end.ErrorMessage);
        session.Execute("UPDATE approvals SET decision = 'cancelled', decided_at = ?2 WHERE turn_id = ?1 AND decided_at IS NULL", turnId, now);
        session.Execute("DELETE FROM steering WHERE turn_id = ?1", turnId);
        if (end.Status != TurnStatus.Done)
        {
            EndWaitingSubagents(session, turnId);
        }
    }

    /// <summary>What they wait for is wanted no more.</summary>
    private void EndWaitingSubagents(SqliteSession session, string turnId)
    {
        var waiting = new List<string>();
        using (var rows = session.Query(
            "SELECT id FROM turns WHERE thread_id > ?1 || '/' AND thread_id < ?1 || '0' AND finished_at IS NULL AND status = 'waiting'", ThreadIds.Task + turnId))
        {
            while (rows.Read())
            {
                waiting.Add(rows.Text(0));
            }
        }

        waiting.ForEach(id => End(session, id, new TurnEnd(TurnStatus.Cancelled, ErrorCode: "cancelled", ErrorMessage: "The turn that sent this subagent has ended.")));
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
