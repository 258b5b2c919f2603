using System.Globalization;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>The turn of a run: which one it is, where it goes, what the model is told.</summary>
internal static class JobTurn
{
    /// <summary>The same for every process that works on this attempt, so that it finds what was begun.</summary>
    public static string IdOf(Run run) => run.Attempt <= 1 ? run.Id : string.Create(CultureInfo.InvariantCulture, $"{run.Id}-{run.Attempt}");

    /// <summary>Its runs wait for no other's.</summary>
    public static bool IsApart(Job job) => job.SessionId is null && job.Policy.Overlap == Overlap.Parallel;

    public static async Task<TurnRequest> RequestAsync(Job job, Run run, ICheckpointStore checkpoints, CancellationToken cancelled) => new()
    {
        Message = job.Prompt,
        ThreadId = job.SessionId ?? await ActivityThread.ForAsync(checkpoints, IdOf(run), IsApart(job), cancelled),
        HistoryTokens = job.SessionId is null ? ActivityThread.HistoryTokens : null,
        Origin = "scheduler",
        Attended = false,
        Instructions = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Nobody is waiting in this conversation: the schedule began this turn. Job '{job.Id}' ({job.Schedule}, {job.Timezone}), due {run.DueAt:yyyy-MM-dd'T'HH:mm:ss'Z'}{(run.Attempt > 1 ? $", attempt {run.Attempt}" : "")}.
            Do what the message says; what you answer is kept for whoever looks at the activity.
            """),
    };
}
