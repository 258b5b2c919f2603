using System.Globalization;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary>The agent's own hand on what it knows.</summary>
public static class KnowledgeTools
{
    /// <param name="hotConfirm">What the agent puts before every conversation, or takes from there, needs an operator.</param>
    public static IReadOnlyList<Tool> For(KnowledgeService knowledge, IngestRunner ingests, WebSource web, Workspace workspace, TimeProvider time, bool hotConfirm = false) =>
    [
        new MemoryIngestTool(knowledge, hotConfirm),
        new MemoryRecallTool(knowledge),
        new MemoryListTool(knowledge),
        new MemoryStatsTool(knowledge),
        new ForgetMemoryTool(knowledge, hotConfirm),
        new KnowledgeIngestTool(ingests, web, workspace, time),
    ];

    /// <summary>One line of a chunk: its number, what it is trusted as, when it came and where from, then what it says.</summary>
    internal static string Line(Chunk chunk, int longest)
    {
        var text = string.Join(' ', chunk.Content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var shown = text.Length <= longest ? text : text[..SafeCut.Before(text, longest)] + "…";
        var from = chunk.Source is { } source ? $", from {source}" : "";
        return $"#{chunk.Id} [{chunk.Domain}] ({KnowledgeNames.Of(chunk.Trust)}, {chunk.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}{from}) {(chunk.Heading.Length > 0 ? chunk.Heading + ": " : "")}{shown}";
    }

    /// <summary>What a store or a rule refuses, as the model is told it.</summary>
    internal static async Task<ToolResult> TellAsync(Func<Task<string>> act)
    {
        try
        {
            return new ToolResult(await act());
        }
        catch (Exception e) when (e is StoreException or KnowledgeException or ArgumentException)
        {
            throw new ToolException(e is StoreException ? $"The knowledge is unavailable: {e.Message}" : e.Message, e);
        }
    }
}
