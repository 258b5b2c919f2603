using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>Notices an agent that makes the same call with the same result again and again.</summary>
internal static class StallGuard
{
    /// <summary>As often, and it is told; once more after that, and the turn ends.</summary>
    private const int Often = 3;

    /// <summary>What to tell the model beside the result; null as a rule.</summary>
    public static string? Hint(IReadOnlyList<ThreadEntry> own, StepContent call, string result) =>
        !IsHinted(own) && Times(own, call, result) + 1 >= Often
            ? $"[You have called {call.Tool} with these arguments {Times(own, call, result) + 1} times and got the same result. It will not change: do something else, or answer with what you have.]"
            : null;

    /// <exception cref="TurnException">The agent was told and did it again.</exception>
    public static void ThrowIfStalled(IReadOnlyList<ThreadEntry> own)
    {
        if (own.LastOrDefault(e => e.Kind == StepKind.ToolResult) is not { Content: { Hint: null } last } || !IsHinted(own))
        {
            return;
        }

        var call = own.Last(e => e.Kind == StepKind.ToolCall && e.Content.CallId == last.CallId).Content;
        var times = Times(own, call, last.Text);
        if (times >= Often)
        {
            throw new TurnException(
                "turn_stalled", $"The agent called {last.Tool} {times} times with the same arguments and the same result, and went on after it was told. The turn was ended; ask differently.");
        }
    }

    private static bool IsHinted(IReadOnlyList<ThreadEntry> own) => own.Any(e => e.Content.Hint is not null);

    private static int Times(IReadOnlyList<ThreadEntry> own, StepContent call, string result)
    {
        var alike = own.Where(e => e.Kind == StepKind.ToolCall && e.Content.Tool == call.Tool && e.Content.Arguments == call.Arguments)
            .Select(e => e.Content.CallId).ToHashSet(StringComparer.Ordinal);
        return own.Count(e => e.Kind == StepKind.ToolResult && alike.Contains(e.Content.CallId) && e.Content.Text == result);
    }
}
