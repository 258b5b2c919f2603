using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>The calls of a thread that its caller is to make: those of the last answer that have no result yet.</summary>
/// <param name="Head">The thread's last step when they were looked up; a turn that brings their results expects it.</param>
public sealed record OpenCallerCalls(long Head, IReadOnlyList<CallerCall> Calls)
{
    /// <summary>None where there is no such thread.</summary>
    public static async Task<OpenCallerCalls> OfAsync(ICheckpointStore checkpoints, string threadId, CancellationToken cancellationToken)
    {
        // The head first: what comes between makes the turn be refused, not the result be lost.
        var head = (await checkpoints.GetThreadAsync(threadId, cancellationToken))?.Head ?? 0;
        var entries = head == 0 ? [] : (await checkpoints.ReadContextAsync(threadId, cancellationToken)).Select(ThreadEntry.Of).ToList();
        return new OpenCallerCalls(head, Of(entries));
    }

    internal static IReadOnlyList<CallerCall> Of(IReadOnlyList<ThreadEntry> entries)
    {
        var last = entries.ToList().FindLastIndex(e => e.Kind == StepKind.Assistant);
        var done = entries.Where(e => e is { Kind: StepKind.ToolResult, Content.Caller: true }).Select(e => e.Content.CallId).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. entries.Skip(Math.Max(0, last)).Where(e => e is { Kind: StepKind.ToolCall, Content.Caller: true } && !done.Contains(e.Content.CallId))
                .Select(e => new CallerCall(e.Content.CallId!, e.Content.Tool!, e.Content.Arguments ?? "")),
        ];
    }
}
