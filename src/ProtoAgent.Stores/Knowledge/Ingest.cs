using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>How an ingest stands. Stored by name.</summary>
public enum IngestStatus
{
    Queued,
    Running,
    Done,

    /// <summary>Nothing of it, or not all of it, could be read; <see cref="Ingest.Error"/> says why.</summary>
    Failed,
    Cancelled,

    /// <summary>Its process ended first. What is in of it is in whole documents.</summary>
    Interrupted,
}

/// <summary>One thing to be taken in: a document, or a folder of them.</summary>
/// <param name="Process">The process that does it.</param>
public sealed record Ingest(string Id, string Source, IngestStatus Status, string Process, DateTimeOffset StartedAt)
{
    public DateTimeOffset? FinishedAt { get; init; }

    public long Documents { get; init; }

    public long DocumentsDone { get; init; }

    /// <summary>Documents that were there just so.</summary>
    public long Unchanged { get; init; }

    /// <summary>Documents that could not be read.</summary>
    public long FailedDocuments { get; init; }

    public long ChunksAdded { get; init; }

    public long ChunksKept { get; init; }

    public long ChunksRemoved { get; init; }

    public string? Error { get; init; }

    public bool IsOver => Status is not (IngestStatus.Queued or IngestStatus.Running);
}

/// <summary>Ingests as rows.</summary>
internal static class IngestRows
{
    private const string Columns =
        "id, source, status, process, started_at, finished_at, documents, documents_done, unchanged, failed, chunks_added, chunks_kept, chunks_removed, error, seq";

    /// <summary>Finished ones are kept until so many newer ones came.</summary>
    private const long Kept = 500;

    public static void Put(SqliteSession session, Ingest ingest)
    {
        session.Execute(
            """
            INSERT INTO ingests (id, source, status, process, started_at, finished_at, documents, documents_done, unchanged, failed, chunks_added, chunks_kept, chunks_removed, error)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            ON CONFLICT (id) DO UPDATE SET status = ?3, finished_at = ?6, documents = ?7, documents_done = ?8, unchanged = ?9, failed = ?10,
              chunks_added = ?11, chunks_kept = ?12, chunks_removed = ?13, error = ?14
            """,
            ingest.Id,
            ingest.Source,
            KnowledgeNames.Of(ingest.Status),
            ingest.Process,
            ingest.StartedAt.ToUnixTimeMilliseconds(),
            ingest.FinishedAt?.ToUnixTimeMilliseconds(),
            ingest.Documents,
            ingest.DocumentsDone,
            ingest.Unchanged,
            ingest.FailedDocuments,
            ingest.ChunksAdded,
            ingest.ChunksKept,
            ingest.ChunksRemoved,
            ingest.Error);
        session.Execute("DELETE FROM ingests WHERE seq <= (SELECT MAX(seq) FROM ingests) - ?1 AND finished_at IS NOT NULL", Kept);
    }

    public static Ingest? Find(SqliteSession session, string id)
    {
        using var rows = session.Query($"SELECT {Columns} FROM ingests WHERE id = ?1", id);
        return rows.Read() ? Read(rows) : null;
    }

    /// <summary>The newest first.</summary>
    public static (List<Ingest> Items, long? Next) Page(SqliteSession session, int limit, long? before)
    {
        var found = new List<(Ingest Ingest, long Seq)>();
        using var rows = session.Query($"SELECT {Columns} FROM ingests WHERE ?1 IS NULL OR seq < ?1 ORDER BY seq DESC LIMIT ?2", before, limit + 1L);
        while (rows.Read())
        {
            found.Add((Read(rows), rows.Integer(14)));
        }

        return ([.. found.Take(limit).Select(f => f.Ingest)], found.Count > limit ? found[limit - 1].Seq : null);
    }

    private static Ingest Read(SqliteRows rows) => new(
        rows.Text(0), rows.Text(1), KnowledgeNames.Status(rows.Text(2)), rows.Text(3), KnowledgeRows.Time(rows.Integer(4)))
    {
        FinishedAt = rows.IntegerOrNull(5) is { } at ? KnowledgeRows.Time(at) : null,
        Documents = rows.Integer(6),
        DocumentsDone = rows.Integer(7),
        Unchanged = rows.Integer(8),
        FailedDocuments = rows.Integer(9),
        ChunksAdded = rows.Integer(10),
        ChunksKept = rows.Integer(11),
        ChunksRemoved = rows.Integer(12),
        Error = rows.TextOrNull(13),
    };
}
