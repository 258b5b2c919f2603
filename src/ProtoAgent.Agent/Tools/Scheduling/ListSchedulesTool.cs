using System.Text;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary><c>list_schedules</c>.</summary>
internal sealed class ListSchedulesTool(Func<IJobDesk> desk, TimeProvider time) : TypedTool<ListSchedulesArguments>(
    "list_schedules",
    "Lists what is scheduled, the next to come first: id, when, where, and what. Jobs that have ended are not shown.",
    SchedulingJson.Default.ListSchedulesArguments)
{
    private const int MostShown = 50;
    private const int MostRead = 2000;
    private const int LongestPrompt = 200;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override async Task<ToolResult> CallAsync(ListSchedulesArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var (jobs, all) = await ReadAsync(cancellationToken);
        var text = new StringBuilder();
        foreach (var job in jobs.OrderBy(j => j.NextFire ?? DateTimeOffset.MaxValue).Take(MostShown))
        {
            text.Append($"{job.Id}: {JobWords.State(job)}; '{job.Schedule}' in {job.Timezone}, {JobWords.Place(job, call.ThreadId)}");
            text.Append(job.LastStatus is { } status ? $"; last {JobNames.Of(status)}\n" : "\n");
            text.Append($"  {Line(job.Prompt)}\n");
        }

        if (jobs.Count == 0)
        {
            text.Append(all ? "Nothing is scheduled.\n" : "");
        }
        else if (jobs.Count > MostShown)
        {
            text.Append($"({MostShown} of {jobs.Count} are shown.)\n");
        }

        if (!all)
        {
            text.Append($"(Only the {MostRead:N0} jobs added last were looked at.)\n");
        }

        return new ToolResult(text.ToString().TrimEnd());
    }

    /// <summary>Those that have not ended, and whether all there are were looked at.</summary>
    private async Task<(List<Job> Jobs, bool All)> ReadAsync(CancellationToken cancelled)
    {
        var jobs = new List<Job>();
        var (read, cursor) = (0, (string?)null);
        do
        {
            var page = await DeskCalls.ToldAsync(() => desk().ListAsync(JobStore.MaxPage, cursor, cancelled), time);
            jobs.AddRange(page.Items.Where(j => j.State != JobState.Ended));
            read += page.Items.Count;
            cursor = page.Next;
        }
        while (cursor is not null && read < MostRead);
        return (jobs, cursor is null);
    }

    private static string Line(string prompt)
    {
        var line = prompt.ReplaceLineEndings(" ").Trim();
        return line.Length <= LongestPrompt ? line : line[..SafeCut.Before(line, LongestPrompt)] + "…";
    }
}
