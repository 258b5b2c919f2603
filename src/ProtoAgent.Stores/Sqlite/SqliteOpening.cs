namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// How the writer comes to a file: refuse what is not ours or newer, enter WAL, migrate. The cost does not grow with what is
/// stored: no integrity check, no counting.
/// </summary>
internal static class SqliteOpening
{
    private const int WalAttempts = 100;

    /// <param name="create">Make the file if it is missing; false when going on after trouble, where missing is the trouble.</param>
    /// <exception cref="StoreException">The file is refused; it was not changed.</exception>
    /// <exception cref="SqliteFailure">SQLite can't.</exception>
    public static SqliteSession OpenWriter(StoreFile file, SqliteSchema schema, bool create)
    {
        if (create)
        {
            file.Create();
        }

        RefuseForeign(file);
        var session = SqliteSession.Open(file.Path);
        try
        {
            // Until the file is known as ours, not even the WAL of whoever wrote it is folded in.
            session.CheckpointOnClose(false);
            if (session.IsReadOnly)
            {
                throw file.ReadOnly();
            }

            var version = KnownVersion(session, file, schema);
            EnterWal(session, file);

            // A bound on the WAL that stays behind, little cache of our own (the kernel has the file), no temporary files.
            session.Run("PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=4194304; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY");
            if (schema.Erases)
            {
                session.Run("PRAGMA secure_delete=ON");
            }

            while (version < schema.Version)
            {
                version = Migrate(session, file, schema);
            }

            session.CheckpointOnClose(true);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A first look that leaves no trace. Only a clear "not ours" counts; every doubt is for the real open.</summary>
    private static void RefuseForeign(StoreFile file)
    {
        try
        {
            using var look = SqliteSession.OpenUntouched(file.Path);
            if (Header.Read(look).IsForeign)
            {
                throw file.Foreign();
            }
        }
        catch (SqliteFailure)
        {
            // A sibling may be writing while we look without a lock.
        }
    }

    private static long KnownVersion(SqliteSession session, StoreFile file, SqliteSchema schema) => Header.Read(session) switch
    {
        { IsForeign: true } => throw file.Foreign(),
        { Version: var version } when version > schema.Version => throw file.Newer(version, schema.Version),
        { Version: var version } => version,
    };

    /// <summary>
    /// Two processes that meet on a new file can't both have the exclusive lock the switch needs, and SQLite refuses one at
    /// once instead of waiting. That one waits for the other's lock to pass and asks again.
    /// </summary>
    private static void EnterWal(SqliteSession session, StoreFile file)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var rows = session.Query("PRAGMA journal_mode=WAL");
                var mode = rows.Read() ? rows.Text(0) : "";
                if (mode != "wal")
                {
                    throw file.NoWal(mode);
                }

                return;
            }
            catch (SqliteFailure e) when (e.IsBusy && attempt < WalAttempts)
            {
                session.Run("BEGIN IMMEDIATE; ROLLBACK");
            }
        }
    }

    /// <summary>One script, unless a sibling has run it meanwhile; the version the file then has.</summary>
    private static long Migrate(SqliteSession session, StoreFile file, SqliteSchema schema)
    {
        session.Run("BEGIN IMMEDIATE");
        try
        {
            var version = KnownVersion(session, file, schema);
            if (version < schema.Version)
            {
                session.Run(schema.Migrations[(int)version]);
                version++;
                session.Run($"PRAGMA application_id={SqliteSchema.ApplicationId}; PRAGMA user_version={version}");
            }

            session.Run("COMMIT");
            return version;
        }
        catch
        {
            if (session.InTransaction)
            {
                session.Run("ROLLBACK");
            }

            throw;
        }
    }

    /// <summary>Whose file it is. Read by one statement: a sibling may be making the file just now.</summary>
    private readonly record struct Header(long ApplicationId, long Version, bool HasTables)
    {
        public bool IsForeign => ApplicationId != SqliteSchema.ApplicationId && (ApplicationId != 0 || Version != 0 || HasTables);

        public static Header Read(SqliteSession session)
        {
            using var row = session.Query(
                """
                SELECT a.application_id, v.user_version, EXISTS (SELECT 1 FROM sqlite_schema)
                FROM pragma_application_id AS a, pragma_user_version AS v
                """);
            return row.Read() ? new Header(row.Integer(0), row.Integer(1), row.Integer(2) != 0) : default;
        }
    }
}
