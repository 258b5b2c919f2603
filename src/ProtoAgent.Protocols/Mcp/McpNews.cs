using System.Text.Json;
using ModelContextProtocol.Protocol;
using ProtoAgent.Agent.Events;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>What an event of the bus means to an MCP client.</summary>
/// <param name="Updated">Resources that read differently now, canonical.</param>
internal sealed record McpNews(IReadOnlyList<string> Updated, bool ResourcesChanged, bool PromptsChanged, LoggingLevel Level)
{
    /// <summary>Topics of turns whose thread has more in it than before.</summary>
    private static readonly string[] s_turnEnds = ["turn.done", "turn.failed", "turn.cancelled", "turn.interrupted", "turn.parked"];

    public static async Task<McpNews> OfAsync(BusEvent happened, McpServices services, CancellationToken cancelled)
    {
        var topic = happened.Topic;
        using var data = JsonDocument.Parse(happened.Data);
        var updated = new List<string>();
        var (resources, session) = (false, Text(data, "session_id"));
        if (topic.StartsWith("turn.", StringComparison.Ordinal) && session is not null)
        {
            if (Array.IndexOf(s_turnEnds, topic) >= 0)
            {
                updated.Add(ResourceUris.Thread(session));
            }

            resources = topic == "turn.started" && await IsFirstAsync(session, Text(data, "turn_id"), services, cancelled);
        }
        else if (topic.StartsWith("session.", StringComparison.Ordinal) && session is not null)
        {
            updated.Add(ResourceUris.Thread(session));
            resources = topic is "session.forked" or "session.deleted";
        }
        else if (topic.StartsWith("knowledge.", StringComparison.Ordinal) && topic != "knowledge.ingest_progress")
        {
            if (data.RootElement.TryGetProperty("id", out var id) && id.TryGetInt64(out var chunk))
            {
                updated.Add(ResourceUris.Chunk(chunk));
            }

            if (Text(data, "source") is { } source)
            {
                updated.Add(ResourceUris.Source(source));
            }

            resources = topic != "knowledge.chunk_updated";
        }

        return new McpNews(updated, resources, topic.StartsWith("skill.", StringComparison.Ordinal), LevelOf(topic));
    }

    private static LoggingLevel LevelOf(string topic) =>
        topic.EndsWith("_progress", StringComparison.Ordinal) ? LoggingLevel.Debug
        : topic.EndsWith("failed", StringComparison.Ordinal) ? LoggingLevel.Error
        : topic.EndsWith("missed", StringComparison.Ordinal) || topic.EndsWith("fell_back", StringComparison.Ordinal) || topic.EndsWith("interrupted", StringComparison.Ordinal) ? LoggingLevel.Warning
        : LoggingLevel.Info;

    /// <summary>The turn its thread begins with: there is a thread more.</summary>
    private static async Task<bool> IsFirstAsync(string session, string? turn, McpServices services, CancellationToken cancelled)
    {
        if (!ResourceUris.IsShown(session))
        {
            return false;
        }

        try
        {
            return await services.Checkpoints.ReadStepsAsync(session, 0, 1, cancelled) is [var first] && first.TurnId == turn;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private static string? Text(JsonDocument data, string name) =>
        data.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
