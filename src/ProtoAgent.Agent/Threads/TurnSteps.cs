using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>What a turn wrote, read from its thread's end: a turn's steps stand together, and as a rule it is the last or nearly so.</summary>
internal static class TurnSteps
{
    private const int Page = 200;

    /// <summary>Oldest first; empty when the turn or its thread is gone.</summary>
    public static async Task<IReadOnlyList<ThreadEntry>> OfAsync(ICheckpointStore checkpoints, string threadId, string turnId)
    {
        var found = new List<ThreadEntry>();
        for (var end = (await checkpoints.GetThreadAsync(threadId))?.Head ?? 0; end > 0; end -= Page)
        {
            var start = Math.Max(0, end - Page);
            var steps = await checkpoints.ReadStepsAsync(threadId, start, (int)(end - start));
            found.InsertRange(0, steps.Where(s => s.TurnId == turnId).Select(ThreadEntry.Of));
            if (found.Count > 0 && steps[0].TurnId != turnId)
            {
                break;
            }
        }

        return found;
    }
}
