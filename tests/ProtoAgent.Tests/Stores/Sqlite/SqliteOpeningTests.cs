using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Sqlite;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Sqlite;

[UnsupportedOSPlatform("windows")]
public sealed class SqliteOpeningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.Paths().Checkpoints;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_Fresh_MakesPrivateFiles()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await TestStore.AddAsync(database, 1);

        System.IO.File.GetUnixFileMode(Path.GetDirectoryName(File)!).ShouldBe(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in new[] { File, File + "-wal", File + "-shm" })
        {
            System.IO.File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public async Task Open_Again_FindsWhatWasWritten()
    {
        await using (var database = await TestStore.OpenAsync(_folder))
        {
            await TestStore.AddAsync(database, 5);
        }

        await using var again = await TestStore.OpenAsync(_folder);
        (await TestStore.IdsAsync(again)).ShouldBe("5");
        (await again.ReadAsync(s => s.Integer("PRAGMA user_version"))).ShouldBe(1);
        (await again.ReadAsync(s => s.Integer("PRAGMA application_id"))).ShouldBe(SqliteSchema.ApplicationId);
    }

    [Fact]
    public async Task Open_OlderFile_RunsTheMissingMigrationsOnly()
    {
        await using (var database = await TestStore.OpenAsync(_folder))
        {
            await TestStore.AddAsync(database, 1);
        }

        var newer = TestStore.Schema with
        {
            Migrations = [.. TestStore.Schema.Migrations, "ALTER TABLE notes ADD COLUMN tag TEXT", "UPDATE notes SET tag = 'migrated'"],
        };
        await using var migrated = await TestStore.OpenAsync(_folder, newer);

        (await migrated.ReadAsync(s => s.Integer("SELECT count(*) FROM notes WHERE tag = 'migrated'"))).ShouldBe(1);
        (await migrated.ReadAsync(s => s.Integer("PRAGMA user_version"))).ShouldBe(3);
    }

    [Fact]
    public async Task Open_MigrationFails_LeavesTheVersionBefore()
    {
        await (await TestStore.OpenAsync(_folder)).DisposeAsync();
        var broken = TestStore.Schema with
        {
            Migrations = [.. TestStore.Schema.Migrations, "ALTER TABLE notes ADD COLUMN tag TEXT; INSERT INTO nowhere VALUES (1)"],
        };

        await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder, broken));

        await using var database = await TestStore.OpenAsync(_folder);
        (await database.ReadAsync(s => s.Integer("PRAGMA user_version"))).ShouldBe(1);
        (await database.ReadAsync(s => s.Integer("SELECT count(*) FROM pragma_table_info('notes')"))).ShouldBe(2);
    }

    [Fact]
    public async Task Open_ManyAtOnceOnAFreshFile_AllSucceedOnOneSchema()
    {
        for (var round = 0; round < 10; round++)
        {
            using var folder = new TempFolder();
            var databases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TestStore.OpenAsync(folder)));
            await Task.WhenAll(databases.Select((d, i) => TestStore.AddAsync(d, i)));
            (await databases[0].ReadAsync(s => s.Integer("SELECT count(*) FROM notes"))).ShouldBe(8);
            await Task.WhenAll(databases.Select(d => d.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task Open_NewerFile_IsRefusedAndUntouched()
    {
        var newer = TestStore.Schema with { Migrations = [.. TestStore.Schema.Migrations, "CREATE TABLE later (x TEXT) STRICT"] };
        await (await TestStore.OpenAsync(_folder, newer)).DisposeAsync();
        var before = Snapshot();

        var refusal = await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder));

        refusal.Code.ShouldBe("store_newer");
        refusal.Store.ShouldBe("checkpoints");
        refusal.Message.ShouldContain(File);
        refusal.Message.ShouldContain("version 2");
        refusal.Message.ShouldContain("up to 1");
        System.IO.File.ReadAllBytes(File).ShouldBe(before[Path.GetFileName(File)]);
    }

    [Theory]
    [InlineData("wal", false)]
    [InlineData("wal", true)]
    [InlineData("delete", false)]
    public async Task Open_FileOfThePythonSystem_IsRefusedAndUntouched(string journal, bool killed)
    {
        MakeForeign(journal, killed);
        var before = Snapshot();

        var refusal = await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder));

        refusal.Code.ShouldBe("store_foreign");
        refusal.Message.ShouldContain(File);
        refusal.Message.ShouldContain("another id");
        var after = Snapshot();
        after.Keys.ShouldBe(before.Keys);
        foreach (var (name, bytes) in before.Where(f => !f.Key.EndsWith("-shm", StringComparison.Ordinal)))
        {
            after[name].ShouldBe(bytes, name);
        }
    }

    [Fact]
    public async Task Open_ForeignTablesOnlyInTheWal_IsRefusedAndTheWalKept()
    {
        MakeForeign("wal", killed: true, checkpointed: false);
        var before = Snapshot();

        (await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder))).Code.ShouldBe("store_foreign");

        var after = Snapshot();
        var wal = Path.GetFileName(File) + "-wal";
        after[wal].ShouldBe(before[wal]);
        after[Path.GetFileName(File)].ShouldBe(before[Path.GetFileName(File)]);
    }

    [Fact]
    public async Task Open_OddCharactersInThePath_StillTellsForeign()
    {
        var home = Path.Combine(_folder.Path, "50% of #1? yes");
        MakeForeign("delete", killed: false, dataHome: home);

        (await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder, dataHome: home))).Code.ShouldBe("store_foreign");
    }

    [Fact]
    public async Task Open_NoDatabaseAtAll_IsCorruptAndUntouched()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, string.Concat(Enumerable.Repeat("these are not the bytes of a database. ", 500)));
        var before = Snapshot();

        var refusal = await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder));

        refusal.Code.ShouldBe("store_corrupt");
        refusal.Message.ShouldContain(File);
        Snapshot()[Path.GetFileName(File)].ShouldBe(before[Path.GetFileName(File)]);
    }

    [Fact]
    public async Task Open_PathIsAFolder_SaysSo()
    {
        Directory.CreateDirectory(File);

        var refusal = await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder));

        refusal.Code.ShouldBe("store_failed");
        refusal.Message.ShouldContain(File);
    }

    private Dictionary<string, byte[]> Snapshot() => Directory.EnumerateFiles(Path.GetDirectoryName(File)!)
        .Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f), System.IO.File.ReadAllBytes);

    /// <summary>A checkpoints.db as LangGraph makes it, by another SQLite client.</summary>
    private void MakeForeign(string journal, bool killed, bool checkpointed = true, string? dataHome = null)
    {
        var file = _folder.Paths(dataHome).Checkpoints;
        var made = killed ? Path.Combine(_folder.Path, "made.db") : file;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var connection = new SqliteConnection($"Data Source={made};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            PRAGMA journal_mode={journal};
            {(checkpointed ? "" : "PRAGMA wal_autocheckpoint=0;")}
            CREATE TABLE checkpoints (thread_id TEXT NOT NULL, checkpoint_id TEXT NOT NULL, checkpoint BLOB, PRIMARY KEY (thread_id, checkpoint_id));
            {(checkpointed && killed ? "PRAGMA wal_checkpoint;" : "")}
            INSERT INTO checkpoints VALUES ('a2a:1', '1', x'00');
            """;
        command.ExecuteNonQuery();
        if (killed)
        {
            // What a killed process leaves: the files as they are while it runs.
            System.IO.File.Copy(made, file);
            System.IO.File.Copy(made + "-wal", file + "-wal");
        }
    }
}
