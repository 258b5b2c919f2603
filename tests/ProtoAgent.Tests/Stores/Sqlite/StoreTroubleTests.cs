using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Sqlite;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Sqlite;

/// <summary>Trouble while the store is open: the write says so, and what comes after works once the cause is gone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class StoreTroubleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.Paths().Checkpoints;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_FileMayNotGrow_FailsThatWriteOnlyAndRecovers()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await TestStore.AddAsync(database, 1);
        await database.WriteAsync(s => s.Integer("PRAGMA max_page_count=10"));
        var held = await TestStore.HoldAsync(database);
        var small = TestStore.AddAsync(database, 2);
        var tooLarge = TestStore.AddAsync(database, 3, new string('x', 100_000));
        var smallToo = TestStore.AddAsync(database, 4);

        await held.ReleaseAsync();

        var full = await Should.ThrowAsync<StoreException>(tooLarge);
        full.Code.ShouldBe("store_full");
        full.Message.ShouldContain(File);
        full.Message.ShouldContain("Free some space");
        await small;
        await smallToo;
        await database.WriteAsync(s => s.Integer("PRAGMA max_page_count=1000000"));
        await TestStore.AddAsync(database, 3, new string('x', 100_000));
        (await TestStore.IdsAsync(database)).ShouldBe("1,2,3,4");
    }

    [Fact]
    public async Task Write_DiskFull_FailsLoudlyAndWorksAgainWhenFreed()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        await using var database = await TestStore.OpenAsync(_folder, dataHome: disk.Path);
        await TestStore.AddAsync(database, 1);
        var ballast = disk.Fill();

        var writes = Enumerable.Range(2, 20).Select(i => TestStore.AddAsync(database, i, new string('x', 50_000), Durability.Power)).ToList();
        foreach (var write in writes)
        {
            (await Should.ThrowAsync<StoreException>(write)).Code.ShouldBe("store_full");
        }

        (await TestStore.IdsAsync(database)).ShouldBe("1", "what was refused is not there");
        System.IO.File.Delete(ballast);
        await TestStore.AddAsync(database, 2, new string('x', 50_000));
        (await TestStore.IdsAsync(database)).ShouldBe("1,2");
    }

    [Fact]
    public async Task Open_DiskFull_SaysFull()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        _ = disk.Fill();

        (await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder, dataHome: disk.Path))).Code.ShouldBe("store_full");
    }

    [Fact]
    public async Task Open_ReadOnlyFileSystem_SaysSo()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        await (await TestStore.OpenAsync(_folder, dataHome: disk.Path)).DisposeAsync();
        disk.MakeReadOnly();

        var refusal = await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder, dataHome: disk.Path));

        refusal.Code.ShouldBe("store_read_only");
        refusal.Message.ShouldContain("may write");
        var elsewhere = System.IO.Path.Combine(disk.Path, "new");
        (await Should.ThrowAsync<StoreException>(TestStore.OpenAsync(_folder, dataHome: elsewhere))).Code.ShouldBe("store_read_only");
    }

    [Theory]
    [InlineData(0b100_100_100, 0b101_101_101)]
    [InlineData(0b100_100_100, 0b111_111_111)]
    [InlineData(0, 0b111_111_111)]
    public void Open_FileNotWritable_SaysSo(int fileMode, int folderMode)
    {
        var file = StoreFile.Of(_folder.Paths(), "checkpoints");
        SqliteOpening.OpenWriter(file, TestStore.Schema, create: true).Dispose();
        System.IO.File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        System.IO.File.SetUnixFileMode(file.Path, (UnixFileMode)fileMode);
        System.IO.File.SetUnixFileMode(System.IO.Path.GetDirectoryName(file.Path)!, (UnixFileMode)folderMode);

        var error = AsNobody(() => SqliteOpening.OpenWriter(file, TestStore.Schema, create: true).Dispose());

        System.IO.File.SetUnixFileMode(System.IO.Path.GetDirectoryName(file.Path)!, (UnixFileMode)0b111_101_101);
        file.Explain(error.ShouldNotBeNull()).ShouldBeOfType<StoreException>().Code.ShouldBe("store_read_only");
    }

    [Fact]
    public async Task Write_SqliteSaysReadOnly_NextWriteHasANewConnection()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var refused = database.WriteAsync(s =>
        {
            s.Run("PRAGMA query_only=ON");
            return s.Execute("INSERT INTO notes VALUES (1, 'x')");
        });
        (await Should.ThrowAsync<StoreException>(refused)).Code.ShouldBe("store_read_only");

        await TestStore.AddAsync(database, 2);
        (await TestStore.IdsAsync(database)).ShouldBe("2");
    }

    [Fact]
    public async Task Write_AnotherProcessHoldsTheLock_SaysLockedAndThenWorks()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await using (var other = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await other.OpenAsync();
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            await command.ExecuteNonQueryAsync();

            var refusal = await Should.ThrowAsync<StoreException>(TestStore.AddAsync(database, 1));

            refusal.Code.ShouldBe("store_locked");
            refusal.Message.ShouldContain(File);
            (await TestStore.IdsAsync(database)).ShouldBe("", "readers don't wait for a writer");
        }

        await TestStore.AddAsync(database, 2);
        (await TestStore.IdsAsync(database)).ShouldBe("2");
    }

    [Fact]
    public async Task Write_FileDeletedUnderIt_IsRefusedInsteadOfLost()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await TestStore.AddAsync(database, 1);
        var aside = File + ".aside";
        System.IO.File.Move(File, aside);

        var moved = await Should.ThrowAsync<StoreException>(TestStore.AddAsync(database, 2));
        var gone = await Should.ThrowAsync<StoreException>(TestStore.AddAsync(database, 3));

        moved.Message.ShouldContain("moved or deleted");
        gone.Code.ShouldBe("store_read_only");
        System.IO.File.Exists(File).ShouldBeFalse("nothing empty takes its place unasked");
        System.IO.File.Move(aside, File);
        await TestStore.AddAsync(database, 4);
        (await TestStore.IdsAsync(database)).ShouldBe("1,4");
    }

    [Fact]
    public async Task Write_PagesDamaged_SaysCorruptAndNamesTheFile()
    {
        await using (var database = await TestStore.OpenAsync(_folder))
        {
            await Task.WhenAll(Enumerable.Range(1, 500).Select(i => TestStore.AddAsync(database, i, new string('y', 200))));
        }

        await using (var file = System.IO.File.OpenWrite(File))
        {
            file.Position = 4096;
            file.Write(new byte[file.Length - 4096].Select(_ => (byte)0xA5).ToArray());
        }

        await using var damaged = await TestStore.OpenAsync(_folder);
        var read = await Should.ThrowAsync<StoreException>(TestStore.IdsAsync(damaged));
        var write = await Should.ThrowAsync<StoreException>(TestStore.AddAsync(damaged, 9000));

        read.Code.ShouldBe("store_corrupt");
        write.Code.ShouldBe("store_corrupt");
        write.Message.ShouldContain(File);
    }

    /// <summary>Runs on a thread that has given up root, so that file modes bind it.</summary>
    private static Exception? AsNobody(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(Environment.IsPrivilegedProcess ? 65534u : uint.MaxValue);
            try
            {
                action();
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        return error;
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
