using System.Security.Cryptography;
using System.Text;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>What people do to a job, each inside the caller's transaction.</summary>
internal sealed class JobWrites(TimeProvider time)
{
    public Added Add(SqliteSession session, NewJob job)
    {
        var same = Same(job.Prompt, job.Schedule, job.Timezone, job.SessionId);
        if (Twin(session, same, exceptId: "") is { } twin)
        {
            return new Added(JobRows.FindJob(session, twin)!, Existed: true);
        }

        var now = Now();
        var id = job.Id ?? JobMoves.NewId(now);
        if (JobRows.FindJob(session, id) is not null)
        {
            throw new JobConflictException(id, $"There is a job '{id}' already, and it is another one. Edit it, delete it first, or take another id.");
        }

        session.Execute(
            """
            INSERT INTO jobs (id, prompt, schedule, timezone, session_id, same, policy, anchor, created_at, updated_at, version, state, next_fire, runs, failures)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, 1, 'active', ?10, 0, 0)
            """,
            id,
            job.Prompt,
            job.Schedule,
            job.Timezone,
            job.SessionId,
            same,
            StoredPolicy.Write(job.Policy),
            job.Anchor?.ToUnixTimeMilliseconds() ?? now,
            now,
            job.NextFire.ToUnixTimeMilliseconds());
        return new Added(JobRows.FindJob(session, id)!, Existed: false);
    }

    public Job? Edit(SqliteSession session, string id, JobEdit edit, long version)
    {
        if (JobRows.FindJob(session, id) is not { } job)
        {
            return null;
        }

        if (job.Version != version)
        {
            throw new StaleJobException($"The job '{id}' was changed meanwhile: it is at version {job.Version}, the edit at {version}. Read it again and repeat the edit.");
        }

        var now = Now();
        var edited = JobMoves.Changed(job, now) with
        {
            Prompt = edit.Prompt,
            Schedule = edit.Schedule,
            Timezone = edit.Timezone,
            SessionId = edit.SessionId,
            Policy = edit.Policy,
            Anchor = edit.Anchor is { } anchor ? JobRows.Time(anchor.ToUnixTimeMilliseconds()) : job.Anchor,
        };
        if (job.State != JobState.Paused)
        {
            var stands = job.State == JobState.Active && edited.Schedule == job.Schedule && edited.Timezone == job.Timezone && edited.Anchor == job.Anchor;
            edited = JobMoves.GiveUpOverdue(session, job, JobMoves.Place(edited, stands ? job.NextFire : Whole(edit.NextFire)), JobReasons.Edited, now);
        }

        var same = Same(edit.Prompt, edit.Schedule, edit.Timezone, edit.SessionId);
        GuardTwin(session, edited, same);
        session.Execute(
            "UPDATE jobs SET prompt = ?2, schedule = ?3, timezone = ?4, session_id = ?5, same = ?6, policy = ?7, anchor = ?8, state = ?9, next_fire = ?10 WHERE id = ?1",
            id,
            edited.Prompt,
            edited.Schedule,
            edited.Timezone,
            edited.SessionId,
            same,
            StoredPolicy.Write(edited.Policy),
            edited.Anchor.ToUnixTimeMilliseconds(),
            JobNames.Of(edited.State),
            edited.NextFire?.ToUnixTimeMilliseconds());
        return JobMoves.Save(session, edited);
    }

    public Job? Pause(SqliteSession session, string id, string reason) =>
        JobRows.FindJob(session, id) is { } job ? JobMoves.Save(session, JobMoves.Pause(session, job, reason, Now())) : null;

    public Job? Resume(SqliteSession session, string id, DateTimeOffset? nextFire)
    {
        if (JobRows.FindJob(session, id) is not { State: not JobState.Active } job)
        {
            return JobRows.FindJob(session, id);
        }

        var resumed = JobMoves.Place(JobMoves.Changed(job, Now()) with { ConsecutiveFailures = 0 }, Whole(nextFire));
        GuardTwin(session, resumed, Same(job.Prompt, job.Schedule, job.Timezone, job.SessionId));
        return JobMoves.Save(session, resumed);
    }

    /// <summary>What runs goes on; what is claimed only is taken back: its holder meets a stale fence when it starts.</summary>
    public static bool Delete(SqliteSession session, string id)
    {
        session.Execute("UPDATE runs SET job_deleted = 1 WHERE job_id = ?1 AND status = 'running'", id);
        session.Execute("DELETE FROM runs WHERE job_id = ?1 AND job_deleted = 0", id);
        return session.Execute("DELETE FROM jobs WHERE id = ?1", id) == 1;
    }

    /// <summary>One that has a run to come to its end stays until it has.</summary>
    public static int PruneEnded(SqliteSession session, long before, int most)
    {
        var ids = new List<string>();
        using (var rows = session.Query(
            """
            SELECT id FROM jobs INDEXED BY jobs_ended WHERE state = 'ended' AND updated_at < ?1 AND COALESCE(last_fire, 0) < ?1
              AND NOT EXISTS (SELECT 1 FROM runs INDEXED BY runs_open_of_job WHERE job_id = jobs.id AND finished_at IS NULL)
              AND NOT EXISTS (SELECT 1 FROM runs INDEXED BY runs_retry_of_job WHERE job_id = jobs.id AND not_before IS NOT NULL)
            LIMIT ?2
            """,
            before,
            most))
        {
            while (rows.Read())
            {
                ids.Add(rows.Text(0));
            }
        }

        ids.ForEach(id => Delete(session, id));
        return ids.Count;
    }

    /// <summary>Told before the index refuses it, with the other's name.</summary>
    private static void GuardTwin(SqliteSession session, Job job, string same)
    {
        if (job.State != JobState.Ended && Twin(session, same, job.Id) is { } twin)
        {
            throw new JobConflictException(twin, $"The job '{twin}' has the same prompt, schedule, time zone and session. Use that one, or delete it first.");
        }
    }

    private static string? Twin(SqliteSession session, string same, string exceptId)
    {
        using var rows = session.Query("SELECT id FROM jobs INDEXED BY jobs_same WHERE same = ?1 AND state <> 'ended' AND id <> ?2", same, exceptId);
        return rows.Read() ? rows.Text(0) : null;
    }

    /// <summary>A digest: a prompt may be long. Each part with its length, so that no two lists of parts read alike.</summary>
    private static string Same(string prompt, string schedule, string timezone, string? sessionId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{prompt.Length}:{prompt}{schedule.Length}:{schedule}{timezone.Length}:{timezone}{(sessionId is null ? "-" : $"{sessionId.Length}:{sessionId}")}")));

    /// <summary>As it will be read back.</summary>
    private static DateTimeOffset? Whole(DateTimeOffset? at) => at is { } a ? JobRows.Time(a.ToUnixTimeMilliseconds()) : null;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
