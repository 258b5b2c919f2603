using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Ownership;

public sealed class RunningInstanceTests : IDisposable
{
    private static readonly ProcessFacts s_facts = new("http://127.0.0.1:7870", 7870, "1.0");

    private readonly TempFolder _temp = new();

    private string Home => Path.Combine(_temp.Path, "home");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Claim_FreshRoot_MarkerSaysWhose()
    {
        using var alice = Claim("alice");
        var marker = RootMarker.TryRead(alice.Paths.Root).ShouldNotBeNull();
        (marker.Id, marker.Uuid, marker.Root).ShouldBe(("alice", alice.Record.Uuid, alice.Paths.Root));
        File.GetUnixFileMode(alice.Paths.Marker).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Home).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        alice.Warnings().ShouldBeEmpty();
    }

    [Fact]
    public void Claim_Again_TheSameUuidAndEachOtherAsSiblings()
    {
        using var first = Claim("alice");
        using var second = Claim("alice");
        second.Record.Uuid.ShouldBe(first.Record.Uuid);
        second.Siblings().ShouldHaveSingleItem().ProcessId.ShouldBe(first.Record.ProcessId);
        first.Warnings().ShouldHaveSingleItem().Code.ShouldBe("live_sibling");
        second.Dispose();
        first.Warnings().ShouldBeEmpty();
    }

    [Fact]
    public void Claim_ExistingDataWithoutAMarker_Adopted()
    {
        Directory.CreateDirectory(Path.Combine(Home, "alice"));
        File.WriteAllText(Path.Combine(Home, "alice/checkpoints.db"), "old");
        using var alice = Claim("alice");
        File.Exists(alice.Paths.Marker).ShouldBeTrue();
    }

    [Fact]
    public void Claim_UnscopedOverData_WarnsInTheSeedsWords()
    {
        using (var fresh = Claim(null))
        {
            fresh.Warnings().ShouldBeEmpty();
        }

        using var again = Claim(null);
        var warning = again.Warnings().ShouldHaveSingleItem();
        warning.Code.ShouldBe("running_unscoped");
        warning.Message.ShouldStartWith("running UNSCOPED");
        warning.Message.ShouldContain(Home);
        warning.Remedy.ShouldContain("PROTOAGENT_INSTANCE");
        warning.Remedy.ShouldContain("PROTOAGENT_AUTO_SCOPE");
    }

    [Theory]
    [InlineData("alice", "Alice")]
    [InlineData("alice", null)]
    [InlineData(null, "alice")]
    public void Check_MarkerOfAnother_RefusedNothingWritten(string? owner, string? mine)
    {
        Claim(owner).Dispose();
        var marker = owner is null ? Path.Combine(Home, ".instance.json") : Path.Combine(Home, owner, ".instance.json");
        var target = mine is null ? Path.Combine(Home, ".instance.json") : Path.Combine(Home, mine, ".instance.json");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(marker, target, overwrite: true);
        Refused(mine, "root_of_another_instance");
    }

    [Fact]
    public void Check_HashCollisionOfTwoDirectories_Refused()
    {
        Edit(Claim("alice"), m => m["auto_scope_directory"] = "/a");
        var identity = new InstanceIdentity(InstanceId.Parse("alice", "a test"), InstanceIdSource.AutoScope, "a test", "/b");
        Should.Throw<InstanceRefusedException>(() => RunningInstance.Check(Paths(identity, Home))).Message.ShouldContain("/a");
    }

    [Theory]
    [InlineData("not json", "root_unreadable")]
    [InlineData("{}", "root_unreadable")]
    [InlineData("", "root_unreadable")]
    [InlineData("""{"schema":2,"root":"/r","data_home":"/d"}""", "root_newer")]
    public void Check_MarkerThatCantBeRead_RefusedAndKept(string content, string code)
    {
        Directory.CreateDirectory(Path.Combine(Home, "alice"));
        File.WriteAllText(Path.Combine(Home, "alice/.instance.json"), content);
        Refused("alice", code).Message.ShouldContain(".instance.json");
    }

    [Fact]
    public void Claim_MovedDataHome_KeepsItsUuid()
    {
        var before = Claim("alice");
        before.Dispose();
        var moved = Path.Combine(_temp.Path, "moved");
        Directory.Move(Home, moved);
        using var after = Claim("alice", moved);
        after.Record.Uuid.ShouldBe(before.Record.Uuid);
        after.Warnings().ShouldBeEmpty();
        RootMarker.TryRead(after.Paths.Root)!.Root.ShouldBe(after.Paths.Root);
    }

    [Fact]
    public void Claim_CopyWhileTheOriginalLives_Refused_Later_ItsOwn()
    {
        var original = Claim("alice");
        var copy = Path.Combine(_temp.Path, "copy");
        Directory.CreateDirectory(Path.Combine(copy, "alice"));
        File.Copy(original.Paths.Marker, Path.Combine(copy, "alice/.instance.json"));
        Refused("alice", "root_copied", copy).Message.ShouldContain(original.Paths.Root);

        original.Dispose();
        using var own = Claim("alice", copy);
        own.Record.Uuid.ShouldNotBe(original.Record.Uuid);
        own.Warnings().ShouldHaveSingleItem().Code.ShouldBe("root_copied_from");
        using var again = Claim("alice");
        again.Record.Uuid.ShouldBe(original.Record.Uuid);
    }

    [Fact]
    public void PublishWarnings_TheBoxKnowsTheirCodes()
    {
        using var alice = Claim("alice");
        StandingWarning[] stands = [new("skill_broken", "one", "Mend it."), new("skill_broken", "another one", "Mend it.")];
        alice.AlsoWarn(() => stands);
        Told().ShouldBeNull();
        alice.PublishWarnings();
        Told().ShouldBe(["skill_broken"]);
        var published = alice.Record;
        alice.PublishWarnings();
        alice.Record.ShouldBeSameAs(published, "nothing changed, so nothing is written");

        stands = [];
        alice.Publish(r => r with { Scheduler = "running" });
        Told().ShouldBe([], "whatever is published goes with the warnings of that moment");

        IReadOnlyList<string>? Told() => alice.Registry.Live().ShouldHaveSingleItem().Warnings;
    }

    [Fact]
    public void Claim_OneVolumeUnderTwoNames_ASiblingNotACopy()
    {
        using var first = Claim("alice");
        var link = Path.Combine(_temp.Path, "link");
        Directory.CreateSymbolicLink(link, Home);
        using var second = Claim("alice", link);
        second.Record.Uuid.ShouldBe(first.Record.Uuid);
        first.Warnings().ShouldHaveSingleItem().Code.ShouldBe("live_sibling");
    }

    [Fact]
    public void Check_OverrideIntoAnothersRoot_Refused()
    {
        Claim("bob").Dispose();
        var overrides = new PathOverrides(Memory: new(Path.Combine(Home, "bob/stuff/mem"), "MEMORY_PATH"));
        var paths = InstancePaths.Resolve(Identity("alice"), AgentName.Parse("ada", ""), new DataHome(Home, ""), overrides);
        Should.Throw<InstanceRefusedException>(() => RunningInstance.Check(paths)).Message.ShouldContain("MEMORY_PATH");
    }

    [Fact]
    public void Claim_ManyAtOnce_OneMarker()
    {
        for (var round = 0; round < 20; round++)
        {
            using var together = new Barrier(8);
            var all = new RunningInstance[8];
            var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                together.SignalAndWait();
                all[i] = Claim($"alice{round}");
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            all.Select(r => r.Record.Uuid).Distinct().ShouldHaveSingleItem();
            Array.ForEach(all, r => r.Dispose());
        }
    }

    [Fact]
    public void Check_DataHomeNotWritable_CannotCreate() =>
        Should.Throw<InstanceRefusedException>(() => RunningInstance.Check(Paths(Identity("alice"), "/etc/passwd/protoagent"))).ExitCode.ShouldBe(73);

    private InstanceRefusedException Refused(string? id, string code, string? home = null)
    {
        var before = Snapshot();
        var refused = Should.Throw<InstanceRefusedException>(() => Claim(id, home));
        refused.Code.ShouldBe(code);
        refused.ExitCode.ShouldBe(78);
        Snapshot().ShouldBe(before);
        return refused;
    }

    private string Snapshot() => string.Join('\n', Directory.EnumerateFileSystemEntries(_temp.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));

    private RunningInstance Claim(string? id, string? home = null) => RunningInstance.Claim(Paths(Identity(id), home ?? Home), s_facts, new FakeTimeProvider());

    private static void Edit(RunningInstance instance, Action<JsonObject> change)
    {
        instance.Dispose();
        var marker = JsonNode.Parse(File.ReadAllText(instance.Paths.Marker))!.AsObject();
        change(marker);
        File.WriteAllText(instance.Paths.Marker, marker.ToJsonString());
    }

    private static InstanceIdentity Identity(string? id) =>
        new(id is null ? null : InstanceId.Parse(id, "a test"), id is null ? InstanceIdSource.None : InstanceIdSource.Environment, "a test");

    private static InstancePaths Paths(InstanceIdentity identity, string home) =>
        InstancePaths.Resolve(identity, AgentName.Parse("protoagent", "a test"), new DataHome(home, "a test"));
}
