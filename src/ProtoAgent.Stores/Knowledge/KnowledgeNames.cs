namespace ProtoAgent.Stores.Knowledge;

/// <summary>The enums as the surfaces show them, and the reasons as they lie in the file.</summary>
public static class KnowledgeNames
{
    public static string Of(ChunkTrust trust) => trust switch
    {
        ChunkTrust.External => "external",
        ChunkTrust.Agent => "agent",
        ChunkTrust.Operator => "operator",
        _ => throw new ArgumentOutOfRangeException(nameof(trust), trust, "No such trust."),
    };

    /// <summary>Null if there is none of this name.</summary>
    public static ChunkTrust? Trust(string name) => name switch
    {
        "external" => ChunkTrust.External,
        "agent" => ChunkTrust.Agent,
        "operator" => ChunkTrust.Operator,
        _ => null,
    };

    public static string Of(Invalidation invalidation) => invalidation switch
    {
        Knowledge.Invalidation.Superseded => "superseded",
        Knowledge.Invalidation.Replaced => "replaced",
        Knowledge.Invalidation.Deleted => "deleted",
        Knowledge.Invalidation.Forgotten => "forgotten",
        _ => throw new ArgumentOutOfRangeException(nameof(invalidation), invalidation, "No such invalidation."),
    };

    public static string Of(IngestStatus status) => status switch
    {
        IngestStatus.Queued => "queued",
        IngestStatus.Running => "running",
        IngestStatus.Done => "done",
        IngestStatus.Failed => "failed",
        IngestStatus.Cancelled => "cancelled",
        IngestStatus.Interrupted => "interrupted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of an ingest."),
    };

    internal static ChunkTrust Trust(long number) => number is >= (long)ChunkTrust.External and <= (long)ChunkTrust.Operator
        ? (ChunkTrust)number
        : throw Unknown("trust", $"{number}");

    internal static Invalidation Invalidation(string name) => name switch
    {
        "superseded" => Knowledge.Invalidation.Superseded,
        "replaced" => Knowledge.Invalidation.Replaced,
        "deleted" => Knowledge.Invalidation.Deleted,
        "forgotten" => Knowledge.Invalidation.Forgotten,
        _ => throw Unknown("invalidation", name),
    };

    internal static IngestStatus Status(string name) => name switch
    {
        "queued" => IngestStatus.Queued,
        "running" => IngestStatus.Running,
        "done" => IngestStatus.Done,
        "failed" => IngestStatus.Failed,
        "cancelled" => IngestStatus.Cancelled,
        "interrupted" => IngestStatus.Interrupted,
        _ => throw Unknown("status", name),
    };

    private static StoreException Unknown(string what, string name) => new(
        KnowledgeSchema.Schema.Store, "store_newer", $"The knowledge holds the {what} '{name}', which this program does not know. Start the newer program.");
}
