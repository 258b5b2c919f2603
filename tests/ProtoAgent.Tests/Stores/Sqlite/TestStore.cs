using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores.Sqlite;
using Shouldly;

namespace ProtoAgent.Tests.Stores.Sqlite;

/// <summary>The smallest store: notes with a unique id, in the place of the checkpoints.</summary>
internal static class TestStore
{
    public static readonly SqliteSchema Schema = new(
        "checkpoints", ["CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"]);

    public static Task<SqliteDatabase> OpenAsync(TempFolder folder, SqliteSchema? schema = null, string? dataHome = null) =>
        SqliteDatabase.OpenAsync(folder.Paths(dataHome), schema ?? Schema, NullLogger.Instance);

    public static Task<int> AddAsync(
        SqliteDatabase database, long id, string body = "x", Durability durability = Durability.Process, CancellationToken cancellationToken = default) =>
        database.WriteAsync(s => s.Execute("INSERT INTO notes VALUES (?1, ?2)", id, body), durability, cancellationToken);

    public static Task<string> IdsAsync(SqliteDatabase database) => database.ReadAsync(session =>
    {
        var ids = new List<long>();
        using var rows = session.Query("SELECT id FROM notes ORDER BY rowid");
        while (rows.Read())
        {
            ids.Add(rows.Integer(0));
        }

        return string.Join(',', ids.Select(i => i.ToString(CultureInfo.InvariantCulture)));
    });

    /// <summary>Keeps the writer busy until released, so that what is asked meanwhile waits in the queue.</summary>
    public static async Task<Held> HoldAsync(SqliteDatabase database, Func<SqliteSession, int>? first = null)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new ManualResetEventSlim();
        var done = database.WriteAsync(session =>
        {
            var changed = first?.Invoke(session) ?? 0;
            started.TrySetResult();
            release.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            return changed;
        });
        await started.Task;
        return new Held(release, done);
    }

    internal sealed record Held(ManualResetEventSlim Signal, Task Done)
    {
        public Task ReleaseAsync()
        {
            Signal.Set();
            return Done;
        }
    }
}
