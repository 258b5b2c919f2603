using ProtoAgent.Instances.Ownership;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Ownership;

public sealed class InstanceRegistryTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Folder => Path.Combine(_temp.Path, ".instances");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Live_NoFolder_NobodyAndNothingMade()
    {
        new InstanceRegistry(Folder).Live().ShouldBeEmpty();
        Directory.Exists(Folder).ShouldBeFalse();
    }

    [Fact]
    public void Register_ThenDispose_ListedThenGone()
    {
        var registry = new InstanceRegistry(Folder);
        var record = Record("alice");
        using (registry.Register(record))
        {
            registry.Live().ShouldHaveSingleItem().ShouldBe(record);
            registry.IsLive(record.ProcessId).ShouldBeTrue();
        }

        registry.Live().ShouldBeEmpty();
        registry.IsLive(record.ProcessId).ShouldBeFalse();
        Directory.GetFiles(Folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    public void Live_FilesOfTheDead_SweptOnlyWhenAsked(bool sweep, int left)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, Guid.NewGuid().ToString("N") + ".json"), "{}");
        File.WriteAllText(Path.Combine(Folder, Guid.NewGuid().ToString("N") + ".json.x.tmp"), "{");
        new InstanceRegistry(Folder).Live(sweep).ShouldBeEmpty();
        Directory.GetFiles(Folder).Length.ShouldBe(left);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../alice/.instance")]
    [InlineData("nonsense")]
    public void IsLive_NoEntrysName_False(string name) => new InstanceRegistry(Folder).IsLive(name).ShouldBeFalse();

    [Fact]
    public async Task Publish_WhileOthersLook_NeverTornNeverThoughtDead()
    {
        var registry = new InstanceRegistry(Folder);
        var record = Record("alice");
        using var registration = registry.Register(record);
        using var done = new CancellationTokenSource();
        using var started = new CountdownEvent(3);
        var looking = Enumerable.Range(0, 3).Select(_ => OnAThread(() =>
        {
            var looks = 0;
            started.Signal();
            for (; looks == 0 || !done.IsCancellationRequested; looks++)
            {
                var seen = new InstanceRegistry(Folder).Live().ShouldHaveSingleItem();
                seen.ProcessId.ShouldBe(record.ProcessId);
                registry.IsLive(record.ProcessId).ShouldBeTrue();
            }

            return looks;
        })).ToList();
        started.Wait();
        for (var i = 0; i < 2000; i++)
        {
            registration.Publish(_ => record with { Port = i, Scheduler = new string('x', i % 300) });
        }

        await done.CancelAsync();
        (await Task.WhenAll(looking)).ShouldAllBe(looks => looks > 0);
        registry.Live().ShouldHaveSingleItem().Port.ShouldBe(1999);
    }

    [Fact]
    public async Task Publish_SeveralAtOnce_EachOfWhatTheOneBeforeMadeOfIt()
    {
        var registry = new InstanceRegistry(Folder);
        using var registration = registry.Register(Record("alice") with { Port = 0 });
        using var together = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OnAThread(() =>
        {
            together.SignalAndWait();
            for (var i = 0; i < 250; i++)
            {
                registration.Publish(r => r with { Port = r.Port + 1 });
            }

            return true;
        })));
        registry.Live().ShouldHaveSingleItem().Port.ShouldBe(1000);
    }

    [Fact]
    public void Publish_AfterItIsGone_StaysGone()
    {
        var registration = new InstanceRegistry(Folder).Register(Record("alice"));
        registration.Dispose();
        registration.Publish(r => r with { Port = 2 });
        Directory.GetFiles(Folder).ShouldBeEmpty();
    }

    [Fact]
    public void WarningsAmong_ThoseToldOfAndAnotherOnItsRoot()
    {
        var alice = Record("alice") with { Warnings = ["skill_broken"] };
        var sibling = Record("alice") with { Uuid = alice.Uuid };
        InstanceRecord[] live = [alice, sibling, Record("bob")];
        live.Select(r => string.Join(' ', r.WarningsAmong(live))).ShouldBe(["skill_broken live_sibling", "live_sibling", ""]);
    }

    [Fact]
    public void Live_ManyLookAtTheDeadAtOnce_NobodyTakesAnotherForIt()
    {
        Directory.CreateDirectory(Folder);
        for (var round = 0; round < 50; round++)
        {
            File.WriteAllText(Path.Combine(Folder, Guid.NewGuid().ToString("N") + ".json"), "{}");
            Parallel.For(0, 4, _ => new InstanceRegistry(Folder).Live().ShouldBeEmpty());
        }
    }

    /// <summary>Work that blocks: the pool's threads are for everybody's.</summary>
    private static Task<T> OnAThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    internal static InstanceRecord Record(string id) => new()
    {
        ProcessId = Guid.NewGuid().ToString("N"), Uuid = Guid.NewGuid(), Instance = id, AgentName = "protoagent", Pid = 1, HostName = "box", Url = "http://127.0.0.1:1",
        Port = 1, StartedAt = DateTimeOffset.UnixEpoch, Version = "0", Root = "/r",
    };
}
