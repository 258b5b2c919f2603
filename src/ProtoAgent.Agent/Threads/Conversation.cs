using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>
/// A thread as a model is told it: what was said, what was called and what came of it; nothing of notes. Every call has a
/// result, whatever happened to the process that made it: providers refuse a thread where one is missing.
/// </summary>
internal static class Conversation
{
    public const string Unknown =
        "The outcome of this call is unknown: the process that made it died. It may have had its effect, or part of it. Look before you call it again.";

    private const string NotMade = "This call has no result: its turn ended before it came to its end.";

    private const string NotBrought = "This call has no result: whoever was to make it did not, or said nothing of it.";

    /// <param name="cut">How a result is shortened, by its step's number; those not named are shown whole.</param>
    public static List<ChatMessage> ToMessages(IReadOnlyList<ThreadEntry> entries, IReadOnlyDictionary<long, string>? cut = null)
    {
        var results = entries.Where(e => e.Kind == StepKind.ToolResult).ToLookup(Key);
        var started = entries.Where(e => e.Kind == StepKind.ToolStart).Select(Key).ToHashSet();
        var messages = new List<ChatMessage>(entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            switch (entry.Kind)
            {
                case StepKind.User:
                    messages.Add(Question(entry.Content));
                    break;
                case StepKind.Summary:
                    messages.Add(new ChatMessage(ChatRole.User, $"<conversation_summary>\n{entry.Content.Text}\n</conversation_summary>"));
                    break;
                case StepKind.Assistant:
                    var calls = entries.Skip(i + 1).TakeWhile(e => e.Kind == StepKind.ToolCall && e.TurnId == entry.TurnId).ToList();
                    messages.Add(Answer(entry.Content, calls));
                    if (calls.Count > 0)
                    {
                        messages.Add(new ChatMessage(ChatRole.Tool, [.. calls.Select(c => Result(c, results[Key(c)].FirstOrDefault(), started.Contains(Key(c)), cut))]));
                    }

                    break;
                default:
                    break;
            }
        }

        return messages;
    }

    /// <summary>A result as the model reads it: what comes from outside is framed, and can't close its frame.</summary>
    public static string Shown(StepContent result, string text)
    {
        var shown = result.Status is null or "ok" ? text : $"Error: {text}";
        if (result.External == true)
        {
            shown = $"<tool_output tool=\"{result.Tool}\">\n{shown.Replace("</tool_output", "<\\/tool_output", StringComparison.OrdinalIgnoreCase)}\n</tool_output>";
        }

        return result.Hint is { } hint ? $"{shown}\n\n{hint}" : shown;
    }

    private static ChatMessage Question(StepContent said) => said.Attachments is not { Count: > 0 } shown
        ? new ChatMessage(ChatRole.User, said.Text)
        : new ChatMessage(ChatRole.User, [.. said.Text.Length > 0 ? [new TextContent(said.Text)] : Array.Empty<AIContent>(), .. shown.Select(a => a.ToContent())]);

    /// <summary>A caller's call and its result are of different turns, and its ids are unique in the thread.</summary>
    private static (string Turn, string? Call) Key(ThreadEntry entry) => (entry.Content.Caller == true ? "" : entry.TurnId, entry.Content.CallId);

    private static ChatMessage Answer(StepContent said, List<ThreadEntry> calls)
    {
        var contents = new List<AIContent>();
        contents.AddRange((said.Thoughts ?? []).Select(t => new TextReasoningContent(t.Text) { ProtectedData = t.Data }));
        if (said.Text.Length > 0 || calls.Count == 0)
        {
            contents.Add(new TextContent(said.Text));
        }

        contents.AddRange(calls.Select(c => ToolArguments.Read(Id(c), c.Content.Tool!, c.Content.Arguments!)));
        return new ChatMessage(ChatRole.Assistant, contents);
    }

    private static FunctionResultContent Result(ThreadEntry call, ThreadEntry? result, bool started, IReadOnlyDictionary<long, string>? cut) => new(
        Id(call),
        result is null ? started ? Unknown : call.Content.Caller == true ? NotBrought : NotMade : Shown(result.Content, cut?.GetValueOrDefault(result.Seq) ?? result.Content.Text));

    private static string Id(ThreadEntry call) => call.Content.CallId!;
}
