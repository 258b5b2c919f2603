using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2APush;

/// <summary>Who wants to be told of which task, and what they have not been told yet; see README.md.</summary>
public sealed class A2APushStore : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;

    private A2APushStore(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<A2APushStore> OpenAsync(InstancePaths paths, TimeProvider time, ILogger<A2APushStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, A2APushSchema.Schema, logger), time);

    /// <summary>Keeps it, in place of one of the same task and id. False when the task has <paramref name="most"/> others already.</summary>
    public Task<bool> PutAsync(StoredPushConfig config, int most, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session =>
        {
            if (session.Integer("SELECT count(*) FROM configs WHERE task_id = ?1 AND id <> ?2", config.TaskId, config.Id) >= most)
            {
                return false;
            }

            session.Execute(
                """
                INSERT INTO configs (task_id, id, json, ended, created_at) VALUES (?1, ?2, ?3, 0, ?4)
                ON CONFLICT (task_id, id) DO UPDATE SET json = excluded.json, ended = 0, created_at = excluded.created_at
                """,
                config.TaskId, config.Id, config.Json, _time.GetUtcNow().ToUnixTimeMilliseconds());
            return true;
        },
        Durability.Power,
        cancellationToken);

    /// <summary>Null if there is none.</summary>
    public Task<StoredPushConfig?> FindAsync(string taskId, string id, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => Configs(session, "SELECT task_id, id, json FROM configs WHERE task_id = ?1 AND id = ?2", taskId, id).FirstOrDefault(), cancellationToken);

    /// <summary>By id.</summary>
    /// <param name="after">The last id of the page before; blank for the first.</param>
    public Task<IReadOnlyList<StoredPushConfig>> ListAsync(string taskId, string after, int limit, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<StoredPushConfig>>(
            session => Configs(session, "SELECT task_id, id, json FROM configs WHERE task_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3", taskId, after, limit), cancellationToken);

    /// <summary>With all it has not been told. Does nothing if there is none.</summary>
    public Task DeleteAsync(string taskId, string id, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session =>
        {
            session.Execute("DELETE FROM outbox WHERE task_id = ?1 AND config_id = ?2", taskId, id);
            return session.Execute("DELETE FROM configs WHERE task_id = ?1 AND id = ?2", taskId, id);
        },
        Durability.Power,
        cancellationToken);

    /// <summary>Tasks that have not ended, as far as anybody here was told.</summary>
    public Task<IReadOnlyList<string>> OpenTasksAsync(CancellationToken cancellationToken = default) => _database.ReadAsync<IReadOnlyList<string>>(
        session =>
        {
            var tasks = new List<string>();
            using var rows = session.Query("SELECT DISTINCT task_id FROM configs WHERE ended = 0");
            while (rows.Read())
            {
                tasks.Add(rows.Text(0));
            }

            return tasks;
        },
        cancellationToken);

    /// <summary>Puts it before everybody who wants to be told of the task and has not been told its end.</summary>
    /// <param name="mostWaiting">What may wait for one of them; the oldest is left out beyond it.</param>
    /// <returns>Who that is.</returns>
    public Task<IReadOnlyList<PushTarget>> AddAsync(string taskId, string body, bool isEnd, int mostWaiting) => _database.WriteAsync<IReadOnlyList<PushTarget>>(
        session =>
        {
            var targets = Targets(session, "SELECT task_id, id FROM configs WHERE task_id = ?1 AND ended = 0", taskId);
            foreach (var target in targets)
            {
                session.Execute("INSERT INTO outbox (task_id, config_id, body, is_end) VALUES (?1, ?2, ?3, ?4)", taskId, target.ConfigId, body, isEnd ? 1 : 0);
                session.Execute(
                    """
                    DELETE FROM outbox WHERE seq IN (
                      SELECT seq FROM outbox WHERE task_id = ?1 AND config_id = ?2 ORDER BY seq DESC LIMIT -1 OFFSET ?3)
                    """,
                    taskId, target.ConfigId, mostWaiting);
            }

            if (isEnd)
            {
                session.Execute("UPDATE configs SET ended = 1 WHERE task_id = ?1", taskId);
            }

            return targets;
        },
        isEnd ? Durability.Power : Durability.Process);

    /// <summary>Who has not been told everything.</summary>
    public Task<IReadOnlyList<PushTarget>> WaitingAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<PushTarget>>(session => Targets(session, "SELECT DISTINCT task_id, config_id FROM outbox"), cancellationToken);

    /// <summary>What to tell next; null when all is told.</summary>
    public Task<PushWork?> NextAsync(PushTarget target, CancellationToken cancellationToken = default) => _database.ReadAsync(
        session =>
        {
            using var rows = session.Query("SELECT seq, body, is_end FROM outbox WHERE task_id = ?1 AND config_id = ?2 ORDER BY seq LIMIT 1", target.TaskId, target.ConfigId);
            return rows.Read() ? new PushWork(rows.Integer(0), rows.Text(1), rows.Integer(2) == 1) : null;
        },
        cancellationToken);

    /// <summary>It was told, or is never to be.</summary>
    public Task DoneAsync(long seq) => _database.WriteAsync(session => session.Execute("DELETE FROM outbox WHERE seq = ?1", seq));

    /// <summary>Gives up what waits for one of them, up to that number; the end stays if it is not that very one.</summary>
    public Task GiveUpAsync(PushTarget target, long seq) => _database.WriteAsync(
        session => session.Execute("DELETE FROM outbox WHERE task_id = ?1 AND config_id = ?2 AND (seq = ?3 OR is_end = 0)", target.TaskId, target.ConfigId, seq));

    /// <summary>Forgets configs made before then that have been told everything.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => await _database.WriteAsync(
        session => session.Execute(
            "DELETE FROM configs WHERE created_at < ?1 AND ended = 1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.task_id = configs.task_id AND o.config_id = configs.id)",
            before.ToUnixTimeMilliseconds()),
        Durability.Process,
        cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static List<StoredPushConfig> Configs(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var configs = new List<StoredPushConfig>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            configs.Add(new StoredPushConfig(rows.Text(0), rows.Text(1), rows.Text(2)));
        }

        return configs;
    }

    private static List<PushTarget> Targets(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var targets = new List<PushTarget>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            targets.Add(new PushTarget(rows.Text(0), rows.Text(1)));
        }

        return targets;
    }
}
