using System.Globalization;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>Names of resources. Ids stand in them percent-encoded; two spellings of one name are one resource.</summary>
internal static class ResourceUris
{
    public const string ThreadPrefix = "thread://";
    public const string ChunkPrefix = "knowledge://chunk/";
    public const string SourcePrefix = "knowledge://source/";
    public const string WorkflowPrefix = "workflow://";

    private static readonly string[] s_prefixes = [ThreadPrefix, ChunkPrefix, SourcePrefix, WorkflowPrefix];

    public static string Thread(string id) => ThreadPrefix + Uri.EscapeDataString(id);

    public static string Chunk(long id) => ChunkPrefix + id.ToString(CultureInfo.InvariantCulture);

    public static string Source(string source) => SourcePrefix + Uri.EscapeDataString(source);

    public static string Workflow(string name) => WorkflowPrefix + Uri.EscapeDataString(name);

    /// <summary>The prefix and what stands behind it, decoded; null if it is none of ours.</summary>
    public static (string Prefix, string Id)? Parse(string uri) =>
        Array.Find(s_prefixes, p => uri.StartsWith(p, StringComparison.OrdinalIgnoreCase)) is { } prefix && uri.Length > prefix.Length
            ? (prefix, Uri.UnescapeDataString(uri[prefix.Length..]))
            : null;

    public static string Canonical(string uri) => Parse(uri) is var (prefix, id) ? prefix + Uri.EscapeDataString(id) : uri;

    /// <summary>Neither an incognito conversation nor a subagent's is anybody's to list or read here.</summary>
    public static bool IsShown(string threadId) => !ThreadIds.IsIncognito(threadId) && !threadId.StartsWith(ThreadIds.Task, StringComparison.Ordinal);
}
