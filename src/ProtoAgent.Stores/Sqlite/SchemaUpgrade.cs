using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>Brings a file to this program's schema: forward only, a version a transaction.</summary>
internal static class SchemaUpgrade
{
    public static void Run(SqliteSession session, StoreSchema schema, string path)
    {
        // Looked at before anything is changed: a file that isn't ours is left exactly as it is.
        var version = VersionOf(session, schema, path);
        if (session.Scalar("PRAGMA journal_mode = WAL") as string is not "wal")
        {
            throw new StoreException(
                schema.Store, "store_failed", $"{path} can't use a write-ahead log on this file system. Put the data home on a local disk (PROTOAGENT_BOX_ROOT).");
        }

        session.Execute("PRAGMA synchronous = NORMAL");
        while (version < schema.Version)
        {
            session.Execute("BEGIN IMMEDIATE");
            try
            {
                // A sibling may have migrated while we waited for the lock.
                version = VersionOf(session, schema, path);
                if (version < schema.Version)
                {
                    session.Run($"{schema.Migrations[version]}; PRAGMA application_id = {StoreSchema.ApplicationId}; PRAGMA user_version = {++version}");
                }

                session.Execute("COMMIT");
            }
            catch
            {
                if (session.InTransaction)
                {
                    session.Execute("ROLLBACK");
                }

                throw;
            }
        }
    }

    private static int VersionOf(SqliteSession session, StoreSchema schema, string path)
    {
        var application = Number(session, "PRAGMA application_id");
        var version = Number(session, "PRAGMA user_version");
        if (application != StoreSchema.ApplicationId)
        {
            var empty = application == 0 && version == 0 && Number(session, "SELECT count(*) FROM sqlite_schema") == 0;
            return empty ? 0 : throw StoreErrors.Foreign(schema.Store, path);
        }

        return version <= schema.Version ? (int)version : throw StoreErrors.Newer(schema.Store, path, version, schema.Version);
    }

    private static long Number(SqliteSession session, string sql) => Convert.ToInt64(session.Scalar(sql), CultureInfo.InvariantCulture);
}
