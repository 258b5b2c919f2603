using System.Diagnostics;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Who owns what, shown with processes that are killed.</summary>
public sealed class OwnershipTests
{
    [Fact]
    public async Task OwnerLock_TwoHundredKillsAndRestarts_NeverFalselyRefused()
    {
        await using var box = new Sandbox();
        var guarded = Path.Combine(box.Root, "jobs.db");
        for (var round = 0; round < 200; round++)
        {
            using var owner = Hold(guarded);
            (await owner.StandardOutput.ReadLineAsync()).ShouldBe("held", $"round {round}");
            owner.Kill();
            await owner.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task OwnerLock_HeldByAnother_RefusedNamingTheHolder()
    {
        await using var box = new Sandbox();
        var guarded = Path.Combine(box.Root, "jobs.db");
        using var owner = Hold(guarded);
        (await owner.StandardOutput.ReadLineAsync()).ShouldBe("held");
        using var second = Hold(guarded);
        (await second.StandardOutput.ReadLineAsync()).ShouldBe($"refused {owner.Id}");
        owner.Kill();
        await owner.WaitForExitAsync();
    }

    [Fact]
    public async Task OwnerLock_ChildOutlivesItsKilledParent_HoldsNothing()
    {
        await using var box = new Sandbox();
        var guarded = Path.Combine(box.Root, "jobs.db");
        using var owner = Hold(guarded);
        (await owner.StandardOutput.ReadLineAsync()).ShouldBe("held");
        await owner.StandardInput.WriteLineAsync("child");
        using var child = Process.GetProcessById(int.Parse((await owner.StandardOutput.ReadLineAsync())!));
        try
        {
            owner.Kill();
            await owner.WaitForExitAsync();
            child.HasExited.ShouldBeFalse("it must outlive its parent for this to show anything");
            using var next = Hold(guarded);
            (await next.StandardOutput.ReadLineAsync()).ShouldBe("held");
            next.Kill();
        }
        finally
        {
            child.Kill();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OwnerLock_FileTakenAway_TheOwnerNotices(bool replaced)
    {
        await using var box = new Sandbox();
        var guarded = Path.Combine(box.Root, "jobs.db");
        using var owner = Hold(guarded);
        (await owner.StandardOutput.ReadLineAsync()).ShouldBe("held");
        (await AskAsync(owner, "check")).ShouldBe("held");
        File.Delete(guarded + ".lock");
        if (replaced)
        {
            File.WriteAllText(guarded + ".lock", "");
        }

        (await AskAsync(owner, "check")).ShouldBe("lost");
        owner.Kill();
    }

    [Fact]
    public async Task Registry_AfterAKill_ListsNoDeadAndSweepsItsFile()
    {
        await using var box = new Sandbox();
        var alice = await box.ServeAsync("alice");
        var bob = await box.ServeAsync("bob");
        await alice.KillAsync();
        Directory.GetFiles(box.DataHome + "/.instances").Length.ShouldBe(2, "a killed process can't tidy up");

        var listed = JsonNode.Parse((await box.RunAsync(["ps", "--json"])).Output)!.AsArray();
        ((string)listed.ShouldHaveSingleItem()!["instance"]!).ShouldBe("bob");
        ((int)listed[0]!["pid"]!).ShouldBe(bob.Pid);
        ((long)listed[0]!["memory_bytes"]!).ShouldBeGreaterThan(1_000_000);
        Directory.GetFiles(box.DataHome + "/.instances").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Serve_OnItsRootTwentyKills_NeverRefused()
    {
        await using var box = new Sandbox();
        for (var round = 0; round < 20; round++)
        {
            await (await box.ServeAsync("alice")).KillAsync();
        }
    }

    [Fact]
    public async Task Serve_ManyAtOnceOnAFreshRoot_AgreeOnOneMarker()
    {
        await using var box = new Sandbox();
        var agents = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => box.ServeAsync("alice")));
        var uuids = await Task.WhenAll(agents.Select(async a => (string)(await a.GetAsync("/api/runtime/status"))["instance"]!["uuid"]!));
        uuids.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Serve_CopyOfALiveRoot_Refused_OfAStoppedOne_ItsOwn()
    {
        await using var box = new Sandbox();
        var original = await box.ServeAsync("alice");
        await original.ChatAsync("remember the original", "s1");
        await original.StopAsync();
        var copy = Path.Combine(box.Root, "copy");
        await RunAsync("cp", "-r", box.DataHome, copy);
        box.Folder("tmp");
        var before = box.Snapshot();

        var refused = await box.ServeRefusedAsync("alice", environment: new() { ["PROTOAGENT_BOX_ROOT"] = copy });
        refused.ExitCode.ShouldBe(78, refused.Error);
        refused.Error.ShouldContain(copy + "/alice");
        refused.Error.ShouldContain(box.DataHome + "/alice");
        refused.Error.ShouldContain(".instance.json");
        box.Snapshot().ShouldBe(before);

        original.SendContinue();
        await original.TerminateAsync();
        var own = await box.ServeAsync("alice", environment: new() { ["PROTOAGENT_BOX_ROOT"] = copy });
        (await own.WarningsAsync()).ShouldHaveSingleItem().ShouldStartWith("root_copied_from");
        await box.ServeAsync("alice");
    }

    [Fact]
    public async Task Serve_RootOfAnotherId_Refused()
    {
        await using var box = new Sandbox();
        await (await box.ServeAsync("alice")).TerminateAsync();
        Directory.Move(box.DataHome + "/alice", box.DataHome + "/bob");
        box.Folder("tmp");
        var before = box.Snapshot();
        var refused = await box.ServeRefusedAsync("bob");
        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain("belongs to the instance 'alice'");
        box.Snapshot().ShouldBe(before);

        var doctor = await box.RunAsync(["doctor"], "carol");
        doctor.ExitCode.ShouldBe(1, doctor.Output);
        doctor.Output.ShouldContain("/bob is the root of alice");
    }

    [Fact]
    public async Task Doctor_AHealthyBox_ExitsZero()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        await agent.ChatAsync("hello");
        var doctor = await box.RunAsync(["doctor", "--json"], "alice", new() { ["PROTOAGENT_PORT"] = $"{agent.Port}" });
        doctor.ExitCode.ShouldBe(0, doctor.Output);
        JsonNode.Parse(doctor.Output)!["findings"]!.AsArray().ShouldAllBe(f => (string)f!["status"]! == "ok");
    }

    [Fact]
    public async Task Serve_StoreOfAnotherProgramOrANewerOne_RefusedUntouched()
    {
        await using var box = new Sandbox();
        var file = box.File("home/.protoagent/alice/checkpoints.db", new string('x', 8192));
        var refused = await box.ServeRefusedAsync("alice");
        refused.ExitCode.ShouldBe(74, refused.Error);
        refused.Error.ShouldContain(file);
        File.ReadAllText(file).ShouldBe(new string('x', 8192));
        (await box.RunAsync(["doctor"], "alice")).Output.ShouldContain("damaged or not a database");
    }

    [Fact]
    public async Task Files_AreForTheirUserAlone()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        await agent.ChatAsync("hello");
        await agent.StopAsync();
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Directory.EnumerateFileSystemEntries(box.DataHome, "*", SearchOption.AllDirectories).Append(box.DataHome)
            .Where(p => (File.GetUnixFileMode(p) & Others) != UnixFileMode.None).ShouldBeEmpty();
    }

    private static Process Hold(string guarded) => Process.Start(new ProcessStartInfo(ProgramUnderTest.LockHolder, [guarded])
    {
        RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
    })!;

    private static async Task<string?> AskAsync(Process owner, string word)
    {
        await owner.StandardInput.WriteLineAsync(word);
        return await owner.StandardOutput.ReadLineAsync();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }
}
