using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary><c>jobs.db</c> as a file, for the moment before it is opened as a store: whoever calls holds the lock of each file named.</summary>
public static class JobFile
{
    /// <summary>How many jobs it holds; null if there is no such file, or it is none of ours.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    public static long? Count(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var file = new StoreFile(JobSchema.Schema.Store, path);
        try
        {
            using var session = SqliteSession.Open(path, readOnly: true);
            return session.Integer("PRAGMA application_id") == SqliteSchema.ApplicationId && session.Integer("PRAGMA user_version") > 0
                ? session.Integer("SELECT value FROM totals WHERE name = 'jobs'") ?? 0
                : null;
        }
        catch (SqliteFailure e)
        {
            throw file.Explain(e);
        }
    }

    /// <summary>
    /// Gives the jobs of one file another place, all or none: what is in its log is folded in, then it is renamed. A process
    /// killed on the way leaves them where they were, or where they are to be.
    /// </summary>
    /// <param name="to">Holds no job.</param>
    /// <exception cref="StoreException">Nothing was moved.</exception>
    public static void Move(string from, string to)
    {
        var file = new StoreFile(JobSchema.Schema.Store, from);
        try
        {
            using (var session = SqliteOpening.OpenWriter(file, JobSchema.Schema, create: false))
            {
                session.TruncateWal();
            }

            if (new FileInfo(from + "-wal") is { Exists: true, Length: > 0 })
            {
                throw file.Busy();
            }

            foreach (var rest in (string[])[from + "-wal", from + "-shm", to + "-wal", to + "-shm"])
            {
                File.Delete(rest);
            }

            File.Move(from, to, overwrite: true);
        }
        catch (Exception e) when (e is SqliteFailure or IOException or UnauthorizedAccessException)
        {
            throw file.Explain(e);
        }
    }
}
