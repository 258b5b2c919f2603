using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>A session's summary from its thread's steps: the last messages, what was called, how it began and where it stands.</summary>
internal static class SummaryWriter
{
    public const int MostMessages = 30;
    public const int LongestMessage = 1_000;
    public const int LongestTopic = 80;

    private const int LongestOutput = 2_000;
    private const int MostTools = 20;

    /// <param name="before">What is extended; null for a first one.</param>
    /// <param name="steps">Those behind its head.</param>
    public static SessionSummary Extend(SessionSummary? before, ThreadInfo thread, string surface, IReadOnlyList<Step> steps)
    {
        var summary = before ?? new SessionSummary(thread.Id, surface, "", thread.CreatedAt, thread.UpdatedAt, 0, 0, [], [], 0, "");
        var (topic, output) = (summary.Topic, summary.FinalOutput);
        var messages = new List<SessionMessage>(summary.Messages);
        var tools = summary.ToolCalls.ToDictionary(t => t.Name, t => t.Count, StringComparer.Ordinal);
        var (said, called) = (summary.MessageCount, summary.ToolCallsTotalCount);
        foreach (var (kind, content) in steps.Select(s => (s.Kind, StepContent.Parse(s.Content))))
        {
            switch (kind)
            {
                case StepKind.User when !string.IsNullOrWhiteSpace(content.Text):
                    topic = topic.Length > 0 ? topic : OneLine.Of(content.Text, LongestTopic);
                    Say("user", content.Text);
                    break;
                case StepKind.Assistant when Reasoning.Strip(content.Text, ofModel: true).Trim() is { Length: > 0 } text:
                    output = Cut(text, LongestOutput);
                    Say("assistant", text);
                    break;
                case StepKind.ToolCall:
                    called++;
                    tools[content.Tool!] = tools.GetValueOrDefault(content.Tool!) + 1;
                    break;
                default:
                    break;
            }
        }

        return summary with
        {
            Topic = topic,
            Timestamp = thread.UpdatedAt,
            Head = thread.Head,
            MessageCount = said,
            Messages = [.. messages.TakeLast(MostMessages)],
            ToolCalls = [.. tools.OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal).Take(MostTools).Select(t => new SessionToolCount(t.Key, t.Value))],
            ToolCallsTotalCount = called,
            FinalOutput = output,
        };

        void Say(string role, string text)
        {
            said++;
            messages.Add(new SessionMessage(role, Cut(text, LongestMessage)));
        }
    }

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..SafeCut.Before(text, longest - 1)] + "…";
}
