using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary><c>wait</c>: the conversation goes on later by itself. One wait a conversation, so that they never pile up.</summary>
internal sealed class WaitTool(Func<IJobDesk> desk, TimeProvider time) : TypedTool<WaitArguments>(
    "wait",
    "Lets this conversation rest and go on by itself after some time: you are then told what you said here. A second wait takes the place of the first. End your turn after it.",
    SchedulingJson.Default.WaitArguments)
{
    private static readonly TimeSpan s_longest = IntervalSchedule.Longest;

    // Not idempotent: called again, it would wait again from then on.
    public override ToolTraits Traits => ToolTraits.ConversationOnly | ToolTraits.Remembers;

    /// <summary>A digest, because a thread's id may hold anything and a job's may not.</summary>
    internal static string JobId(string threadId) => "wait-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(threadId)).AsSpan(0, 16));

    protected override async Task<ToolResult> CallAsync(WaitArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        if (arguments.Seconds < 1 || arguments.Seconds > s_longest.TotalSeconds)
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture,
                $"seconds is {arguments.Seconds}; give 1 to {s_longest.TotalSeconds}. For a date or what recurs use schedule_task."));
        }

        if (string.IsNullOrWhiteSpace(arguments.Then))
        {
            throw new ToolException("then is blank. Say what to do when the time is over.");
        }

        var at = time.GetUtcNow().AddSeconds(arguments.Seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var id = JobId(call.ThreadId);

        // A turn that was itself woken by a wait may wait again, and still runs when that is over.
        var policy = new JobPolicy { Overlap = Overlap.QueueOne };
        var draft = new JobDraft(arguments.Then, at) { Id = id, SessionId = call.ThreadId, Policy = policy };
        var job = await DeskCalls.ToldAsync(() => desk().RearmAsync(draft, cancellationToken), time);
        return new ToolResult(
            $"This conversation goes on by itself: {JobWords.State(job)} (cancel_schedule '{job.Id}' calls it off). End your turn now, with a word on what you wait for; do not call wait again.");
    }
}
