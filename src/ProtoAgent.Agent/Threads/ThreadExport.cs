using System.Globalization;
using System.Text;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>A thread for people to read elsewhere.</summary>
public static class ThreadExport
{
    public static string ToMarkdown(ThreadInfo thread, IReadOnlyList<Step> steps)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(thread.Id).Append("\n\n").Append(Time(thread.CreatedAt)).Append(" to ").Append(Time(thread.UpdatedAt)).Append('\n');
        foreach (var step in steps)
        {
            var content = StepContent.Parse(step.Content);
            if (step.Kind != StepKind.ToolStart && (content.Text.Length > 0 || step.Kind != StepKind.Assistant))
            {
                text.Append("\n## ").Append(step.Seq).Append(". ").Append(Heading(step, content)).Append(" · ").Append(Time(step.At)).Append("\n\n").Append(Body(step, content)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Heading(Step step, StepContent content) => step.Kind switch
    {
        StepKind.User => "User",
        StepKind.Assistant => $"Assistant ({content.Model})",
        StepKind.ToolCall => $"Calls `{content.Tool}`",
        StepKind.ToolResult => $"Result of `{content.Tool}` ({content.Status})",
        StepKind.Summary => $"Summary of the steps to {step.Through}",
        _ => "Note",
    };

    private static string Body(Step step, StepContent content) => step.Kind switch
    {
        StepKind.ToolCall => Fenced(content.Arguments ?? "", "json"),
        StepKind.ToolResult => Fenced(content.Text, "text"),
        StepKind.Note => $"> {content.Text.ReplaceLineEndings("\n> ")}",
        _ => content.Attachments is { Count: > 0 } shown ? $"{content.Text}\n\n{string.Join('\n', shown.Select(a => $"[{a}]"))}".TrimStart() : content.Text,
    };

    /// <summary>In a fence longer than any inside.</summary>
    private static string Fenced(string text, string language)
    {
        var longest = 0;
        var run = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        var fence = new string('`', Math.Max(3, longest + 1));
        return $"{fence}{language}\n{text}\n{fence}";
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
