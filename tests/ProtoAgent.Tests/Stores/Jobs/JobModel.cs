using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Tests.Stores.Jobs;

internal sealed class ModelJob(string id, string prompt, JobPolicy policy)
{
    public string Id => id;

    public string Prompt => prompt;

    public JobPolicy Policy => policy;

    public string Schedule { get; set; } = "every 1m";

    public JobState State { get; set; }

    public DateTimeOffset? Next { get; set; }

    public long Fires { get; set; }

    public int Failures { get; set; }

    public long Version { get; set; } = 1;

    public RunStatus? Last { get; set; }
}

internal sealed class ModelRun(string jobId, DateTimeOffset due, RunStatus status, Run? claimed = null)
{
    public string JobId => jobId;

    public DateTimeOffset Due => due;

    public string? Id => claimed?.Id;

    public RunStatus Status { get; set; } = status;

    public long Fence { get; set; } = claimed?.Fence ?? 0;

    public int Attempt { get; set; } = claimed is null ? 0 : 1;

    public int Crashes { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    public bool Orphan { get; set; }

    public bool Open => Status is RunStatus.Claimed or RunStatus.Running;
}

/// <summary>What the store should do, on lists and without any care for speed.</summary>
internal sealed class JobModel
{
    public List<ModelJob> Jobs { get; } = [];

    public List<ModelRun> Runs { get; } = [];

    public DateTimeOffset? NextDue => Jobs.Select(j => j.Next).Concat(Runs.Select(r => r.NotBefore)).Min();

    /// <summary>Another that is the same and has not ended.</summary>
    public ModelJob? Twin(string prompt, string schedule, ModelJob? except = null) =>
        Jobs.Find(j => j != except && j.State != JobState.Ended && j.Prompt == prompt && j.Schedule == schedule);

    public bool Has(string jobId, DateTimeOffset due) => Runs.Exists(r => r.JobId == jobId && r.Due == due);

    /// <summary>Runs of the job that have not come to their end.</summary>
    public int Open(ModelJob job) => Runs.Count(r => r.JobId == job.Id && (r.Open || r.NotBefore is not null));

    public static void Place(ModelJob job, DateTimeOffset? next)
    {
        job.Next = next is null || job.Fires >= job.Policy.MaxRuns || next > job.Policy.EndAt ? null : next;
        job.State = job.Next is null ? JobState.Ended : JobState.Active;
    }

    public void Settle(ModelJob job, DateTimeOffset due, RunStatus status)
    {
        if (!Has(job.Id, due))
        {
            Runs.Add(new ModelRun(job.Id, due, status));
            job.Last = status;
        }
    }

    public void Pause(ModelJob job, DateTimeOffset now)
    {
        Runs.FindAll(r => r.JobId == job.Id).ForEach(r => r.NotBefore = null);
        if (job.State == JobState.Active)
        {
            if (job.Next <= now)
            {
                Settle(job, job.Next.Value, RunStatus.Skipped);
            }

            (job.State, job.Next) = (JobState.Paused, null);
            job.Version++;
        }
    }

    public void Finish(ModelRun run, RunStatus status, DateTimeOffset? retryAt, DateTimeOffset now)
    {
        var job = run.Orphan ? null : Jobs.Find(j => j.Id == run.JobId);
        run.Status = status;
        run.NotBefore = job is null || job.State == JobState.Paused ? null : retryAt;
        if (job is null)
        {
            return;
        }

        job.Last = status;
        if (status == RunStatus.Done)
        {
            job.Failures = 0;
        }
        else if (status == RunStatus.Failed && run.NotBefore is null)
        {
            job.Failures++;
            if (job.State == JobState.Active && job.Policy.PauseAfterFailures is > 0 and var limit && job.Failures >= limit)
            {
                Pause(job, now);
            }
        }
    }

    public void Delete(ModelJob job)
    {
        Jobs.Remove(job);
        Runs.FindAll(r => r.JobId == job.Id && r.Status == RunStatus.Running).ForEach(r => r.Orphan = true);
        Runs.RemoveAll(r => r.JobId == job.Id && !r.Orphan);
    }
}
