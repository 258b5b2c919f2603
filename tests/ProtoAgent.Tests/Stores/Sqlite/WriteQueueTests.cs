using ProtoAgent.Stores;
using ProtoAgent.Stores.Sqlite;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Sqlite;

public sealed class WriteQueueTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_ManyWaiting_ShareOneTransactionInOrder()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        var order = new List<long>();
        var before = database.Commits;
        var writes = Enumerable.Range(1, 100).Select(i => database.WriteAsync(s =>
        {
            order.Add(i);
            return s.Execute("INSERT INTO notes VALUES (?1, 'x')", i);
        })).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        (database.Commits - before).ShouldBe(2, "the held write, and all that waited behind it");
        order.ShouldBe(Enumerable.Range(1, 100).Select(i => (long)i));
    }

    [Fact]
    public async Task Write_MoreThanABatch_IsSplit()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        var before = database.Commits;
        var writes = Enumerable.Range(1, WriteQueue.MaxBatch + 1).Select(i => TestStore.AddAsync(database, i)).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        (database.Commits - before).ShouldBe(3);
    }

    [Fact]
    public async Task Write_OneOfABatchFails_OnlyThatIsRolledBack()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        var before = database.Commits;
        var first = TestStore.AddAsync(database, 1);
        var half = database.WriteAsync<int>(s =>
        {
            s.Execute("INSERT INTO notes VALUES (2, 'x')");
            throw new TimeZoneNotFoundException("its own trouble");
        });
        var duplicate = TestStore.AddAsync(database, 1);
        var last = TestStore.AddAsync(database, 3);

        await held.ReleaseAsync();

        await first;
        await last;
        (await Should.ThrowAsync<TimeZoneNotFoundException>(half)).Message.ShouldBe("its own trouble");
        (await Should.ThrowAsync<StoreException>(duplicate)).Code.ShouldBe("store_failed");
        (database.Commits - before).ShouldBe(2, "the batch was committed once, without the two");
        (await TestStore.IdsAsync(database)).ShouldBe("1,3");
    }

    [Fact]
    public async Task Write_Acknowledged_IsSeenByAnotherConnection()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await using var sibling = await TestStore.OpenAsync(_folder);
        for (var i = 1; i <= 20; i++)
        {
            await TestStore.AddAsync(database, i);
            (await sibling.ReadAsync(s => s.Integer("SELECT max(id) FROM notes"))).ShouldBe(i);
        }
    }

    [Fact]
    public async Task Write_CancelledWhileWaiting_NeverRuns()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        using var cancellation = new CancellationTokenSource();
        var cancelled = TestStore.AddAsync(database, 1, cancellationToken: cancellation.Token);
        var kept = TestStore.AddAsync(database, 2);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        await held.ReleaseAsync();
        await kept;

        (await TestStore.IdsAsync(database)).ShouldBe("2");
    }

    [Fact]
    public async Task Write_CancelledAfterItStarted_IsCarriedToItsEnd()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        using var cancellation = new CancellationTokenSource();

        await database.WriteAsync(
            s =>
            {
                cancellation.Cancel();
                return s.Execute("INSERT INTO notes VALUES (7, 'x')");
            },
            cancellationToken: cancellation.Token);

        (await TestStore.IdsAsync(database)).ShouldBe("7");
    }

    [Fact]
    public async Task Write_QueueFull_CallersWaitAndAllAreWritten()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        const int Many = (WriteQueue.Capacity * 2) + 3;
        var writes = Enumerable.Range(1, Many).Select(i => TestStore.AddAsync(database, i)).ToList();

        await held.ReleaseAsync();
        await Task.WhenAll(writes);

        (await database.ReadAsync(s => s.Integer("SELECT count(*) FROM notes"))).ShouldBe(Many);
    }

    [Fact]
    public async Task Dispose_WritesWaiting_AreWrittenFirst()
    {
        var database = await TestStore.OpenAsync(_folder);
        var held = await TestStore.HoldAsync(database);
        var writes = Enumerable.Range(1, 50).Select(i => TestStore.AddAsync(database, i)).ToList();

        var disposed = database.DisposeAsync().AsTask();
        await held.ReleaseAsync();
        await disposed;

        await Task.WhenAll(writes);
        File.Exists(_folder.Paths().Checkpoints + "-wal").ShouldBeFalse("the last to close folds the WAL in");
        await using var again = await TestStore.OpenAsync(_folder);
        (await again.ReadAsync(s => s.Integer("SELECT count(*) FROM notes"))).ShouldBe(50);
    }

    [Fact]
    public async Task Dispose_Twice_IsQuietAndLaterCallsAreRefused()
    {
        var database = await TestStore.OpenAsync(_folder);
        await database.ReadAsync(s => s.Integer("SELECT 1"));
        await database.DisposeAsync();
        await database.DisposeAsync();

        var write = await Should.ThrowAsync<StoreException>(TestStore.AddAsync(database, 1));
        var read = await Should.ThrowAsync<StoreException>(TestStore.IdsAsync(database));

        write.Code.ShouldBe("store_closed");
        read.Code.ShouldBe("store_closed");
        write.Message.ShouldContain(_folder.Paths().Checkpoints);
    }

    [Fact]
    public async Task Write_PowerDurable_SyncsAndTheNextOneNeedNot()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        Task<long?> Mode(Durability durability) => database.WriteAsync(s => s.Integer("PRAGMA synchronous"), durability, default);

        (await Mode(Durability.Process)).ShouldBe(1);
        (await Mode(Durability.Power)).ShouldBe(2);
        (await Mode(Durability.Process)).ShouldBe(1);

        var held = await TestStore.HoldAsync(database);
        var plain = Mode(Durability.Process);
        var durable = Mode(Durability.Power);
        await held.ReleaseAsync();
        (await plain).ShouldBe(2, "one durable write makes its whole batch durable");
        (await durable).ShouldBe(2);
    }

    [Fact]
    public async Task Read_ThatWrites_IsRefused()
    {
        await using var database = await TestStore.OpenAsync(_folder);

        await Should.ThrowAsync<StoreException>(database.ReadAsync(s => s.Execute("INSERT INTO notes VALUES (1, 'x')")));

        (await TestStore.IdsAsync(database)).ShouldBe("");
    }

    [Fact]
    public async Task Read_WhileAWriteIsUnderWay_SeesTheStateBeforeItAndDoesNotWait()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await TestStore.AddAsync(database, 1);
        var held = await TestStore.HoldAsync(database, s => s.Execute("INSERT INTO notes VALUES (2, 'x')"));

        (await TestStore.IdsAsync(database)).ShouldBe("1");

        await held.ReleaseAsync();
        (await TestStore.IdsAsync(database)).ShouldBe("1,2");
    }

    [Fact]
    public async Task Read_MoreAtOnceThanConnections_AllAnswer()
    {
        await using var database = await TestStore.OpenAsync(_folder);
        await TestStore.AddAsync(database, 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => TestStore.IdsAsync(database))));

        answers.ShouldAllBe(a => a == "1");
    }

    [Fact]
    public async Task Values_OfEveryKind_ComeBackAsTheyWere()
    {
        await using var database = await TestStore.OpenAsync(
            _folder, new SqliteSchema("checkpoints", ["CREATE TABLE v (i INTEGER, r REAL, t TEXT, b BLOB, n TEXT, e TEXT, z BLOB) STRICT"]));
        const string Text = "a\0b – 𝄞";
        byte[] blob = [0, 1, 255];

        await database.WriteAsync(s => s.Execute(
            "INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            long.MinValue,
            0.1,
            Text,
            (ReadOnlyMemory<byte>)blob,
            (string?)null,
            "",
            ReadOnlyMemory<byte>.Empty));

        await database.ReadAsync(s =>
        {
            using var row = s.Query("SELECT * FROM v");
            row.Read().ShouldBeTrue();
            row.Integer(0).ShouldBe(long.MinValue);
            row.Real(1).ShouldBe(0.1);
            row.Text(2).ShouldBe(Text);
            row.Blob(3).ToArray().ShouldBe(blob);
            row.TextOrNull(4).ShouldBeNull();
            row.TextOrNull(5).ShouldBe("");
            row.IsNull(6).ShouldBeFalse();
            row.Read().ShouldBeFalse();
            return 0;
        });
    }
}
