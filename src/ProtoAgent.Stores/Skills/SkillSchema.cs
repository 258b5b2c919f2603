using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Skills;

/// <summary>What was read of skill folders, so that it need not be read again, and when which skill was used. Times are unix milliseconds.</summary>
internal static class SkillSchema
{
    /// <summary>
    /// <c>changed</c>, <c>size</c> and <c>inode</c> are the file's when it was read; <c>reader</c> is the version of what read it.
    /// A row with a <c>problem</c> is a skill that can't be used. <c>name</c> may be missing then.
    /// </summary>
    private const string Version1 =
        """
        CREATE TABLE skills (
          tier TEXT NOT NULL,
          folder TEXT NOT NULL,
          reader INTEGER NOT NULL,
          changed INTEGER NOT NULL,
          size INTEGER NOT NULL,
          inode INTEGER NOT NULL,
          name TEXT,
          description TEXT,
          tools TEXT NOT NULL,
          slash TEXT,
          user_only INTEGER NOT NULL,
          by_agent INTEGER NOT NULL,
          problem TEXT,
          line INTEGER,
          PRIMARY KEY (tier, folder)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE uses (
          name TEXT PRIMARY KEY COLLATE NOCASE,
          last_used INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;

    public static readonly SqliteSchema Schema = new("skills", [Version1]);
}
