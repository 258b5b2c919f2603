using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Context;

/// <summary>
/// Fits a thread into a model call. Results of tools give way first, the oldest before the newest, each to its head and
/// tail; then whole rounds, the oldest first, with a word that they are missing. What was asked last stays.
/// </summary>
/// <param name="budget">Tokens for the conversation: what the system text and the tools leave.</param>
internal sealed class ContextWindow(int budget)
{
    private const int Head = 600;
    private const int Tail = 300;

    /// <summary>Whether older turns are worth summarising: even with every old result cut it does not fit.</summary>
    public bool IsExceeded(IReadOnlyList<ThreadEntry> entries) => Weight(entries, CutResults(entries, out _)) > budget;

    public List<ChatMessage> Fit(IReadOnlyList<ThreadEntry> entries)
    {
        var cut = CutResults(entries, out var left);
        if (left <= budget)
        {
            return Conversation.ToMessages(entries, cut);
        }

        var from = FirstKept(entries, cut);
        var kept = Conversation.ToMessages([.. entries.Skip(from)], cut);
        var asked = entries.Take(from).LastOrDefault(e => e.Kind == StepKind.User);
        var note = "[Earlier parts of this conversation were left out: they did not fit.]";
        if (asked is not null && !entries.Skip(from).Any(e => e.Kind == StepKind.User))
        {
            note += $"\n[What was asked:]\n{Shorten(asked.Content.Text, Tokens.Characters(budget / 4))}";
        }

        return [new ChatMessage(ChatRole.User, note), .. kept];
    }

    /// <summary>
    /// The last step a summary should stand for, so that half of the budget is free again; null if nothing lies before the
    /// turn. Only whole turns go: what the running one did is needed as it is.
    /// </summary>
    public long? SummaryThrough(IReadOnlyList<ThreadEntry> entries, string turnId)
    {
        var cut = CutResults(entries, out _);
        var weight = 0;
        long? through = null;
        for (var i = entries.Count - 1; i > 0; i--)
        {
            weight += Weigh(entries[i], cut);
            var begins = entries[i].Kind == StepKind.User && entries[i - 1].TurnId != entries[i].TurnId;
            if (begins && (through is null || weight <= budget / 2))
            {
                through = entries[i - 1].Kind == StepKind.Summary ? through : entries[i - 1].Seq;
            }
        }

        return entries.Any(e => e.Seq <= through && e.TurnId == turnId) ? null : through;
    }

    /// <summary>Head and tail, with a word of what is missing. Never half a character.</summary>
    public static string Shorten(string text, int characters)
    {
        if (text.Length <= characters)
        {
            return text;
        }

        var head = SafeCut.Before(text, characters * 2 / 3);
        var tail = SafeCut.After(text, text.Length - (characters / 3));
        return $"{text[..head]}\n[… {tail - head} characters left out …]\n{text[tail..]}";
    }

    /// <summary>The results to cut, and what is left then. Those of the last answer's calls, which nobody has read yet, only if all others are not enough.</summary>
    private Dictionary<long, string> CutResults(IReadOnlyList<ThreadEntry> entries, out int left)
    {
        var cut = new Dictionary<long, string>();
        left = Weight(entries, cut);
        foreach (var result in left <= budget ? [] : entries.Where(e => e.Kind == StepKind.ToolResult && e.Content.Text.Length > 2 * (Head + Tail)))
        {
            var text = Shorten(result.Content.Text, Head + Tail);
            left -= Tokens.Estimate(result.Content.Text.Length) - Tokens.Estimate(text.Length);
            cut.Add(result.Seq, text);
            if (left <= budget)
            {
                break;
            }
        }

        return cut;
    }

    /// <summary>The oldest entry from which on all fits and which begins a round; the last round in any case.</summary>
    private int FirstKept(IReadOnlyList<ThreadEntry> entries, Dictionary<long, string> cut)
    {
        var (weight, kept) = (0, entries.Count);
        for (var i = entries.Count - 1; i >= 0; i--)
        {
            weight += Weigh(entries[i], cut);
            if (weight > budget * 3 / 4 && kept < entries.Count)
            {
                break;
            }

            kept = entries[i].Kind is StepKind.User or StepKind.Assistant or StepKind.Summary ? i : kept;
        }

        return kept;
    }

    private static int Weight(IReadOnlyList<ThreadEntry> entries, Dictionary<long, string> cut) => entries.Sum(e => Weigh(e, cut));

    private static int Weigh(ThreadEntry entry, Dictionary<long, string> cut) =>
        entry.Kind is StepKind.Note or StepKind.ToolStart ? 0 : cut.TryGetValue(entry.Seq, out var text) ? Tokens.Estimate(text.Length) : entry.Tokens;
}
