using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>What the knowledge file holds. Times are unix milliseconds; trust is a number, so that a floor is a comparison.</summary>
internal static class KnowledgeSchema
{
    /// <summary>Symbols are token characters because an emoji is a word; see README.md.</summary>
    public const string Tokenizer = "unicode61 remove_diacritics 2 categories 'L* N* M* Co So'";

    /// <summary>
    /// The index has no content of its own: it is fed the tokens of <see cref="SearchText"/>, of chunks that are valid alone, so that
    /// what was superseded or deleted neither is found nor shifts what a word weighs. A heading counts double.
    /// What separates words never gets there.
    /// </summary>
    private const string Version1 =
        $"""
        CREATE TABLE chunks (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          content TEXT NOT NULL,
          heading TEXT NOT NULL,
          namespace TEXT NOT NULL,
          domain TEXT NOT NULL,
          source TEXT,
          source_type TEXT NOT NULL,
          trust INTEGER NOT NULL,
          position INTEGER NOT NULL,
          digest BLOB NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          invalidated_at INTEGER,
          invalidation TEXT,
          reason TEXT,
          superseded_by INTEGER,
          CHECK ((invalidated_at IS NULL) = (invalidation IS NULL))
        ) STRICT;
        CREATE INDEX chunks_by_source ON chunks (namespace, source, position) WHERE source IS NOT NULL;
        CREATE INDEX chunks_by_source_alone ON chunks (source) WHERE source IS NOT NULL;
        CREATE INDEX chunks_valid ON chunks (domain, namespace, id) WHERE invalidated_at IS NULL;
        CREATE INDEX chunks_by_successor ON chunks (superseded_by) WHERE superseded_by IS NOT NULL;
        CREATE INDEX chunks_invalidated ON chunks (invalidation, invalidated_at) WHERE invalidated_at IS NOT NULL;
        CREATE VIRTUAL TABLE chunks_fts USING fts5(
          content, heading, content='', contentless_delete=1,
          tokenize="{Tokenizer}");
        INSERT INTO chunks_fts(chunks_fts, rank) VALUES ('rank', 'bm25(1.0, 2.0)');
        CREATE VIRTUAL TABLE chunks_terms USING fts5vocab(chunks_fts, row);
        CREATE TABLE totals (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO totals (name, value) VALUES ('chunks', 0);
        CREATE TABLE documents (
          namespace TEXT NOT NULL,
          source TEXT NOT NULL,
          title TEXT NOT NULL,
          source_type TEXT NOT NULL,
          trust INTEGER NOT NULL,
          domain TEXT NOT NULL,
          digest BLOB NOT NULL,
          ingested_at INTEGER NOT NULL,
          deleted_at INTEGER,
          PRIMARY KEY (namespace, source)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE vectors (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          chunk_id INTEGER NOT NULL UNIQUE,
          model INTEGER NOT NULL,
          vector BLOB NOT NULL
        ) STRICT;
        CREATE TABLE ingests (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE,
          source TEXT NOT NULL,
          status TEXT NOT NULL,
          process TEXT NOT NULL,
          started_at INTEGER NOT NULL,
          finished_at INTEGER,
          documents INTEGER NOT NULL DEFAULT 0,
          documents_done INTEGER NOT NULL DEFAULT 0,
          unchanged INTEGER NOT NULL DEFAULT 0,
          failed INTEGER NOT NULL DEFAULT 0,
          chunks_added INTEGER NOT NULL DEFAULT 0,
          chunks_kept INTEGER NOT NULL DEFAULT 0,
          chunks_removed INTEGER NOT NULL DEFAULT 0,
          error TEXT
        ) STRICT;
        """;

    /// <summary>Sealed blocks: what <see cref="Blocks"/> says about them. Made from the chunks and the index, and made again where missing.</summary>
    private const string Version2 =
        """
        CREATE TABLE blocks (block INTEGER PRIMARY KEY, lengths BLOB) STRICT;
        CREATE INDEX blocks_open ON blocks (block) WHERE lengths IS NULL;
        CREATE TABLE packed (id INTEGER PRIMARY KEY, postings BLOB NOT NULL) STRICT;
        INSERT INTO chunks_fts(chunks_fts, rank) VALUES ('pgsz', 4000);
        INSERT INTO chunks_fts(chunks_fts, rank) VALUES ('automerge', 8);
        """;

    public static readonly SqliteSchema Schema = new("knowledge", [Version1, Version2]);
}
