using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Which instance a process is, and which it refuses to be.</summary>
public sealed class IdentityTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "../x", "path separator" },
        { "a/b", "path separator" },
        { "a\\b", "path separator" },
        { "..", "out of the data home" },
        { ".", "out of the data home" },
        { "alice.", "end in a dot" },
        { ".alice", "begin with" },
        { "memory", "one of the stores" },
        { "Skills", "one of the stores" },
        { "CON", "device name" },
        { "lpt1.x", "device name" },
        { "checkpoints.db", "has '.db'" },
        { "x.db-wal", "has '.db'" },
        { "аlice", "U+0430" },
        { "a\u200bb", "cannot be seen" },
        { "a\u0007b", "control character" },
        { new string('a', 65), "at most 64" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Serve_IdFromTheEnvironment_RefusedWithSourceRuleAndSuggestionAndNoTrace(string id, string rule)
    {
        await using var box = new Sandbox();
        box.Folder("tmp");
        var before = box.Snapshot();

        var refused = await box.ServeRefusedAsync(id);

        refused.ExitCode.ShouldBe(78, refused.Error);
        refused.Error.ShouldContain("PROTOAGENT_INSTANCE");
        refused.Error.ShouldContain(rule);
        refused.Error.ShouldMatch("Use for example '[A-Za-z0-9._-]+'");
        refused.Output.ShouldBeEmpty();
        box.Snapshot().ShouldBe(before);
    }

    [Theory]
    [InlineData("instance_id: a/b", "line 1")]
    [InlineData("agent_name: x\ninstance_id: '  '", "line 2")]
    [InlineData("instance_id:", "blank")]
    public async Task Serve_IdFromTheFile_RefusedWithFileAndLine(string yaml, string expected)
    {
        await using var box = new Sandbox();
        box.Folder("tmp");
        var file = box.File("work/config.yaml", yaml);
        var before = box.Snapshot();

        var refused = await box.ServeRefusedAsync();

        refused.ExitCode.ShouldBe(78, refused.Error);
        refused.Error.ShouldContain(file);
        refused.Error.ShouldContain(expected);
        box.Snapshot().ShouldBe(before);
    }

    [Fact]
    public async Task Serve_IdInTheFileAndTheEnvironment_TheEnvironmentWins()
    {
        await using var box = new Sandbox();
        box.File("work/config.yaml", "instance_id: filed");
        (await box.ServeAsync()).InstanceRoot.ShouldBe(box.DataHome + "/filed");
        (await box.ServeAsync("named")).InstanceRoot.ShouldBe(box.DataHome + "/named");
    }

    [Fact]
    public async Task Serve_InstanceIdInAFileManyRead_Refused()
    {
        await using var box = new Sandbox();
        var file = box.File("home/.protoagent/config.yaml", "agent_name: x\ninstance_id: alice\n");
        var refused = await box.ServeRefusedAsync();
        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain($"{file}, line 2");
        refused.Error.ShouldContain("every instance");
    }

    [Fact]
    public async Task AutoScope_TwoDirectories_TwoInstancesStableAcrossRestarts()
    {
        await using var box = new Sandbox();
        var (one, two) = (box.Folder("a/project"), box.Folder("b/project"));
        var first = await box.ServeAsync(environment: AutoScope, work: one);
        var second = await box.ServeAsync(environment: AutoScope, work: two);
        first.InstanceRoot.ShouldNotBe(second.InstanceRoot);
        Path.GetFileName(first.InstanceRoot).ShouldMatch("^project-[0-9a-f]{10}$");
        ((string)(await first.GetAsync("/api/runtime/status"))["instance"]!["source"]!).ShouldBe("auto");
        (await first.WarningsAsync()).ShouldBeEmpty();

        await first.TerminateAsync();
        (await box.ServeAsync(environment: AutoScope, work: one)).InstanceRoot.ShouldBe(first.InstanceRoot);
    }

    [Fact]
    public async Task AutoScope_SameDirectoryTwice_BothWarnNamingTheOther()
    {
        await using var box = new Sandbox();
        var first = await box.ServeAsync(environment: AutoScope);
        var second = await box.ServeAsync(environment: AutoScope);

        second.InstanceRoot.ShouldBe(first.InstanceRoot);
        (await first.WarningsAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            w => w.ShouldStartWith("live_sibling"), w => w.ShouldContain($"pid {second.Pid}"), w => w.ShouldContain($"port {second.Port}"));
        var told = await second.WarningsAsync();
        told.Select(w => w.Split(':')[0]).ShouldBe(["live_sibling", "scheduler_waiting"]);
        told.ShouldAllBe(w => w.Contains($"pid {first.Pid}", StringComparison.Ordinal));
        await second.LoggedAsync("live_sibling");
        var siblings = (await second.GetAsync("/api/runtime/status"))["siblings"]!.AsArray();
        ((int)siblings.ShouldHaveSingleItem()!["pid"]!).ShouldBe(first.Pid);
    }

    [Fact]
    public async Task Unscoped_EmptyHome_NoWarning_ThenOverItsData_LoudWarning()
    {
        await using var box = new Sandbox();
        var first = await box.ServeAsync();
        (await first.WarningsAsync()).ShouldBeEmpty();
        await first.TerminateAsync();

        var again = await box.ServeAsync();
        var warning = (await again.WarningsAsync()).ShouldHaveSingleItem();
        warning.ShouldStartWith("running_unscoped: running UNSCOPED");
        warning.ShouldContain(box.DataHome);
        warning.ShouldContain("PROTOAGENT_INSTANCE");
        warning.ShouldContain("PROTOAGENT_AUTO_SCOPE=1");
        await again.LoggedAsync("running UNSCOPED");
    }

    [Fact]
    public async Task DataHome_FromBoxRoot_TakesEverything()
    {
        await using var box = new Sandbox();
        var volume = Path.Combine(box.Root, "volume/data");
        var agent = await box.ServeAsync("alice", environment: new() { ["PROTOAGENT_BOX_ROOT"] = volume });
        agent.InstanceRoot.ShouldBe(volume + "/alice");
        await agent.ChatAsync("hello");
        Directory.Exists(box.DataHome).ShouldBeFalse();
    }

    [Fact]
    public async Task DataHome_WithoutSandbox_IsTheUsersOwn()
    {
        // The machine that runs the tests has no /sandbox, or the other half of this pair is what is shown.
        Directory.Exists("/sandbox").ShouldBeFalse("these tests must run where there is no /sandbox");
        await using var box = new Sandbox();
        (await box.ServeAsync()).InstanceRoot.ShouldBe(box.DataHome);
    }

    [Fact]
    public async Task Paths_Unscoped_AreThePlainTable()
    {
        await using var box = new Sandbox();
        var paths = JsonNode.Parse((await box.RunAsync(["paths", "--json"])).Output)!["paths"]!.AsArray().ToDictionary(p => (string)p!["store"]!, p => (string)p!["path"]!);
        paths["checkpoints"].ShouldBe(box.DataHome + "/checkpoints.db");
        paths["jobs"].ShouldBe(box.DataHome + "/scheduler/protoagent/jobs.db");
        paths["knowledge"].ShouldBe(box.DataHome + "/knowledge/agent.db");
        Directory.Exists(box.DataHome).ShouldBeFalse("looking writes nothing");
    }

    [Fact]
    public async Task Paths_OverridesAndId_ScopedByTheSameRule()
    {
        await using var box = new Sandbox();
        var environment = new Dictionary<string, string> { ["KNOWLEDGE_DB_PATH"] = "/data/kb.db", ["SCHEDULER_DB_DIR"] = "/data/sched", ["MEMORY_PATH"] = "/data/mem", ["AGENT_NAME"] = "ada" };
        var paths = JsonNode.Parse((await box.RunAsync(["paths", "--json"], "alice", environment)).Output)!["paths"]!.AsArray().ToDictionary(p => (string)p!["store"]!, p => (string)p!["path"]!);
        paths["knowledge"].ShouldBe("/data/alice/kb.db");
        paths["jobs"].ShouldBe("/data/sched/alice/ada/jobs.db");
        paths["memory"].ShouldBe("/data/alice/mem");
        paths["inbox"].ShouldBe(box.DataHome + "/inbox/alice/ada.db");
    }

    private static Dictionary<string, string> AutoScope => new() { ["PROTOAGENT_AUTO_SCOPE"] = "yes" };
}
