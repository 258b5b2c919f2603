using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.Sqlite;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Sqlite;

/// <summary>How a lock is waited for, on a clock that only the waiting moves.</summary>
public sealed class SqliteWaitTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly StoreFile _file;
    private readonly SqliteSession _other;

    public SqliteWaitTests()
    {
        _file = StoreFile.Of(_folder.Paths(), "checkpoints");
        _other = SqliteOpening.OpenWriter(_file, TestStore.Schema, create: true);
    }

    public void Dispose()
    {
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Begin_LockedByAnother_LooksEvenlyForFiveSeconds()
    {
        var pauses = new List<TimeSpan>();
        using var session = Open(pauses.Add);
        _other.Run("BEGIN IMMEDIATE");

        Busy(session);
        pauses.Distinct().ShouldBe([TimeSpan.FromMilliseconds(2)], "a gap late in the wait is met as well as one at its begin");
        pauses.Count.ShouldBe(2500);

        Busy(session);
        pauses.Count.ShouldBe(5000, "each wait has its own five seconds");
    }

    [Fact]
    public void Begin_PausesThatTakeLonger_WaitsNoLonger()
    {
        var looks = 0;
        using var session = Open(_ =>
        {
            looks++;
            _time.Advance(TimeSpan.FromMilliseconds(98));
        });
        _other.Run("BEGIN IMMEDIATE");

        Busy(session);
        looks.ShouldBe(50);
    }

    [Fact]
    public void Begin_TheLockIsLetGo_HasItAtTheNextLook()
    {
        var looks = 0;
        using var session = Open(_ =>
        {
            if (++looks == 1000)
            {
                _other.Run("COMMIT");
            }
        });
        _other.Run("BEGIN IMMEDIATE");

        session.Run("BEGIN IMMEDIATE; INSERT INTO notes VALUES (1, 'x'); COMMIT");
        looks.ShouldBe(1000);
    }

    private static void Busy(SqliteSession session) =>
        Should.Throw<SqliteFailure>(() => session.Run("BEGIN IMMEDIATE")).IsBusy.ShouldBeTrue();

    private SqliteSession Open(Action<TimeSpan> onPause) => SqliteSession.Open(_file.Path, wait: new SqliteWait(_time, between =>
    {
        _time.Advance(between);
        onPause(between);
    }));
}
