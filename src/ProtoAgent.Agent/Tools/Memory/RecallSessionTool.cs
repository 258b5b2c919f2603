using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Stores;

namespace ProtoAgent.Agent.Tools.Memory;

/// <summary><c>recall_session</c>. What was said may quote anybody: shown as data.</summary>
public sealed class RecallSessionTool(SessionMemory sessions) : TypedTool<RecallSessionArguments>(
    "recall_session",
    "Reads what is remembered of an earlier conversation: how it began, its last messages, what was called and where it ended. The ids stand in the list of the last conversations.",
    RecallSessionJson.Default.RecallSessionArguments)
{
    private const int LongestMessage = 500;
    private const int Longest = 6_000;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External | ToolTraits.Remembers;

    protected override async Task<ToolResult> CallAsync(RecallSessionArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        try
        {
            var summary = await sessions.GetAsync(arguments.SessionId, cancellationToken)
                ?? throw new ToolException($"Nothing is remembered of a conversation '{arguments.SessionId}'. The ids stand in the list of the last conversations, each at the beginning of its line.");
            var head = new StringBuilder(string.Create(
                CultureInfo.InvariantCulture,
                $"Conversation {summary.SessionId}, through {summary.Surface}, {summary.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z to {summary.Timestamp.UtcDateTime:yyyy-MM-dd HH:mm}Z, {summary.MessageCount} messages. It began: “{summary.Topic}”\n"));
            if (summary.ToolCallsTotalCount > 0)
            {
                head.Append($"Called: {string.Join(", ", summary.ToolCalls.Take(5).Select(t => $"{t.Name} ({t.Count})"))}\n");
            }

            // The end of it matters most: from there backwards as far as it goes.
            var lines = new List<string>();
            var left = Longest - head.Length;
            foreach (var message in summary.Messages.Reverse())
            {
                var line = $"{message.Role}: {(message.Content.Length <= LongestMessage ? message.Content : message.Content[..SafeCut.Before(message.Content, LongestMessage)] + "…")}";
                if ((left -= line.Length + 1) < 0)
                {
                    break;
                }

                lines.Add(line);
            }

            lines.Reverse();
            return new ToolResult($"{head}{(lines.Count < summary.MessageCount ? $"[the last {lines.Count}]\n" : "")}{string.Join('\n', lines)}");
        }
        catch (StoreException e)
        {
            throw new ToolException($"The memory is unavailable: {e.Message}", e);
        }
    }
}

public sealed record RecallSessionArguments([property: Description("The conversation's id, as it stands in the list.")] string SessionId);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RecallSessionArguments))]
internal sealed partial class RecallSessionJson : JsonSerializerContext;
