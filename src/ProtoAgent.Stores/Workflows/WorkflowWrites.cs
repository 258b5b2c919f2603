using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Workflows;

/// <summary>What happens to a run, each inside the caller's transaction.</summary>
internal sealed class WorkflowWrites(TimeProvider time)
{
    /// <summary>The run, and whether it was begun now: of one key there is one.</summary>
    public (WorkflowRunDetails Run, bool Begun) Begin(SqliteSession session, NewWorkflowRun run)
    {
        if (run.Key is { } key && WorkflowRows.FindByKey(session, key) is { } before)
        {
            return (WorkflowRows.Details(session, before.Id)!, false);
        }

        session.Execute(
            """
            INSERT INTO runs (id, key, workflow, recipe, inputs, origin, parent_turn, status, runner, fence, version, started_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, 1, 1, ?9, ?9)
            """,
            run.Id,
            run.Key,
            run.Workflow,
            run.Recipe,
            run.Inputs,
            run.Origin,
            run.ParentTurn,
            run.Runner,
            Now());
        for (var i = 0; i < run.Steps.Count; i++)
        {
            session.Execute("INSERT INTO steps (run_id, seq, id, status) VALUES (?1, ?2, ?3, 'pending')", run.Id, i, run.Steps[i]);
        }

        return (WorkflowRows.Details(session, run.Id)!, true);
    }

    /// <summary>Null when it has ended, or somebody who lives works on it.</summary>
    public WorkflowRunDetails? TakeOver(SqliteSession session, string id, string runner, Func<WorkflowRun, bool> isWorkedOn)
    {
        if (WorkflowRows.Find(session, id) is not { HasEnded: false } run || (run.Status == WorkflowStatus.Running && isWorkedOn(run)))
        {
            return null;
        }

        session.Execute(
            "UPDATE runs SET status = 'running', runner = ?2, fence = fence + 1, version = version + 1, updated_at = ?3 WHERE id = ?1", id, runner, Now());
        return WorkflowRows.Details(session, id);
    }

    /// <summary>Null when it is not one that failed or was cancelled. What is done stays done; the rest is begun again.</summary>
    public WorkflowRunDetails? Reopen(SqliteSession session, string id, string runner)
    {
        var reopened = session.Execute(
            """
            UPDATE runs SET status = 'running', runner = ?2, fence = fence + 1, version = version + 1, updated_at = ?3,
              finished_at = NULL, cancel_requested = 0, output = NULL, error_code = NULL, error_message = NULL
            WHERE id = ?1 AND status IN ('failed', 'cancelled')
            """,
            id,
            runner,
            Now());
        if (reopened == 0)
        {
            return null;
        }

        // A gate that let its step through stays open; one that did not is asked again.
        session.Execute("DELETE FROM gates WHERE run_id = ?1 AND decision <> 'approve'", id);
        session.Execute("UPDATE steps SET status = 'pending', finished_at = NULL, not_before = NULL WHERE run_id = ?1 AND status <> 'done'", id);
        return WorkflowRows.Details(session, id);
    }

    public WorkflowRun SaveStep(SqliteSession session, string runId, long fence, WorkflowStep step, NewGate? gate)
    {
        Held(session, runId, fence);
        session.Execute(
            """
            UPDATE steps SET status = ?3, attempt = ?4, started_at = ?5, finished_at = ?6, not_before = ?7, output = ?8, external = ?9, error_code = ?10, error_message = ?11
            WHERE run_id = ?1 AND id = ?2
            """,
            runId,
            step.Id,
            WorkflowNames.Of(step.Status),
            step.Attempt,
            step.StartedAt?.ToUnixTimeMilliseconds(),
            step.FinishedAt?.ToUnixTimeMilliseconds(),
            step.NotBefore?.ToUnixTimeMilliseconds(),
            step.Output,
            step.External ? 1 : 0,
            step.ErrorCode,
            step.ErrorMessage);
        if (gate is not null)
        {
            session.Execute(
                "INSERT INTO gates (id, run_id, step_id, question, prompt, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", gate.Id, runId, step.Id, gate.Question, gate.Prompt, Now());
        }

        return Touched(session, runId);
    }

    /// <summary>Null, and nothing written, when a gate was decided whose step still waits, or the run is to be cancelled: there is something to do.</summary>
    public WorkflowRun? Park(SqliteSession session, string runId, long fence)
    {
        Held(session, runId, fence);
        var news = session.Integer(
            """
            SELECT 1 FROM runs r WHERE r.id = ?1 AND (r.cancel_requested <> 0 OR EXISTS (
              SELECT 1 FROM gates g JOIN steps s ON s.run_id = g.run_id AND s.id = g.step_id
              WHERE g.run_id = ?1 AND g.decided_at IS NOT NULL AND s.status = 'waiting' AND s.attempt = 0))
            """,
            runId);
        if (news is not null)
        {
            return null;
        }

        session.Execute("UPDATE runs SET status = 'waiting' WHERE id = ?1", runId);
        return Touched(session, runId);
    }

    public WorkflowRun Finish(SqliteSession session, string runId, long fence, WorkflowStatus status, string? output, string? code, string? message)
    {
        Held(session, runId, fence);
        session.Execute(
            "UPDATE runs SET status = ?2, finished_at = ?3, output = ?4, error_code = ?5, error_message = ?6 WHERE id = ?1",
            runId,
            WorkflowNames.Of(status),
            Now(),
            output,
            code,
            message);
        session.Execute("UPDATE gates SET decision = 'cancelled', decided_at = ?2 WHERE run_id = ?1 AND decided_at IS NULL", runId, Now());
        return Touched(session, runId);
    }

    /// <summary>Null when there is none, or it has ended.</summary>
    public WorkflowRun? RequestCancel(SqliteSession session, string id) =>
        session.Execute("UPDATE runs SET cancel_requested = 1 WHERE id = ?1 AND finished_at IS NULL", id) == 1 ? Touched(session, id) : null;

    /// <summary>The first decision stands. Null if there is no such gate.</summary>
    public GateTaken? Decide(SqliteSession session, string gateId, GateDecision decision, string? answer)
    {
        var changed = session.Execute(
            "UPDATE gates SET decision = ?2, answer = ?3, decided_at = ?4 WHERE id = ?1 AND decided_at IS NULL", gateId, WorkflowNames.Of(decision), answer, Now());
        if (WorkflowRows.FindGate(session, gateId) is not { } gate)
        {
            return null;
        }

        if (changed > 0)
        {
            Touched(session, gate.RunId);
        }

        return new GateTaken(gate, changed > 0);
    }

    public static void Delete(SqliteSession session, string id)
    {
        session.Execute("DELETE FROM gates WHERE run_id = ?1", id);
        session.Execute("DELETE FROM steps WHERE run_id = ?1", id);
        session.Execute("DELETE FROM runs WHERE id = ?1", id);
    }

    private static void Held(SqliteSession session, string runId, long fence)
    {
        var run = WorkflowRows.Find(session, runId) ?? throw new StaleRunException($"The run '{runId}' is not in the store: it was deleted.");
        if (run.Status != WorkflowStatus.Running || run.Fence != fence)
        {
            throw new StaleRunException(
                $"The run '{runId}' is {WorkflowNames.Of(run.Status)} under fence {run.Fence}, in the hands of {run.Runner}; this process's was {fence}. Leave it alone.");
        }
    }

    private WorkflowRun Touched(SqliteSession session, string id)
    {
        session.Execute("UPDATE runs SET version = version + 1, updated_at = ?2 WHERE id = ?1", id, Now());
        return WorkflowRows.Find(session, id)!;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
