using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>An instance that supervises others, with real processes.</summary>
public sealed partial class FleetTests : IAsyncLifetime
{
    private const int Kill = 9;

    private readonly Sandbox _box = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // Members outlive a supervisor that is killed, as the sandbox does it.
        foreach (var record in Directory.Exists(Path.Combine(_box.DataHome, ".instances")) ? await RecordsAsync() : [])
        {
            _ = Signal((int)record["pid"]!, Kill);
        }

        await _box.DisposeAsync();
    }

    [Fact]
    public async Task Member_Added_RunsWithNothingOfItsSupervisorAndGoesWithIt()
    {
        var hub = await _box.ServeAsync("hub", environment: new() { ["A2A_AUTH_TOKEN"] = "hub-token", ["AGENT_NAME"] = "ada", ["UNRELATED_SECRET"] = "not-for-it" });
        hub.Http.DefaultRequestHeaders.Authorization = new("Bearer", "hub-token");
        var member = await AddAsync(hub, "worker");
        ((string)member["state"]!).ShouldBe("running");
        var pid = (int)member["pid"]!;
        var environment = (await File.ReadAllTextAsync($"/proc/{pid}/environ")).Split('\0');
        environment.ShouldContain("PROTOAGENT_INSTANCE=worker");
        environment.ShouldNotContain(v => v.Contains("hub", StringComparison.Ordinal) && !v.StartsWith("FLEET_LOG=", StringComparison.Ordinal) || v.Contains("not-for-it", StringComparison.Ordinal) || v.StartsWith("AGENT_NAME", StringComparison.Ordinal));
        using var http = new HttpClient();
        ((string?)JsonNode.Parse(await http.GetStringAsync($"{member["url"]}/healthz"))!["instance"]).ShouldBe("worker");
        (await hub.HappenedAsync("fleet.running"))["pid"]!.GetValue<int>().ShouldBe(pid);

        (await hub.TerminateAsync()).ShouldBe(0);
        IsThere(pid).ShouldBeFalse();
        (await _box.ServeAsync("hub", environment: new() { ["A2A_AUTH_TOKEN"] = "hub-token" })).Http.DefaultRequestHeaders.Authorization = new("Bearer", "hub-token");
        await UntilAsync(async () => (await RecordsAsync()).FirstOrDefault(r => (string?)r["instance"] == "worker" && (int)r["port"]! == (int)member["port"]!));
    }

    [Fact]
    public async Task Supervisor_Killed_ItsMembersGoOnAndAreTakenOnNeverTwice()
    {
        var hub = await _box.ServeAsync("hub");
        var member = await AddAsync(hub, "worker");
        var pid = (int)member["pid"]!;
        await hub.KillAsync();
        IsThere(pid).ShouldBeTrue();

        var again = await _box.ServeAsync("hub");
        await again.LoggedAsync("event=member_adopted");
        var listed = await UntilAsync(async () => await MemberAsync(again, "worker") is { } m && (string)m["state"]! == "running" ? m : null);
        ((int)listed["pid"]!).ShouldBe(pid);
        (await RecordsAsync()).Count(r => (string?)r["instance"] == "worker").ShouldBe(1);

        // No child of this one, and stopped all the same when that is said.
        var (status, stopped) = await again.SendAsync(HttpMethod.Post, "/api/fleet/worker/stop");
        status.ShouldBe(HttpStatusCode.OK);
        ((string)stopped["state"]!).ShouldBe("stopped");
        IsThere(pid).ShouldBeFalse();
    }

    [Fact]
    public async Task Member_Killed_StartedAgainOnItsPort()
    {
        var hub = await _box.ServeAsync("hub");
        var member = await AddAsync(hub, "worker");
        Signal((int)member["pid"]!, Kill).ShouldBe(0);
        var again = await UntilAsync(async () => await MemberAsync(hub, "worker") is { } m && (string)m["state"]! == "running" && (int)m["restarts"]! == 1 ? m : null);
        ((int)again["pid"]!).ShouldNotBe((int)member["pid"]!);
        ((int)again["port"]!).ShouldBe((int)member["port"]!);
        ((string)again["last_error"]!).ShouldContain("ended by itself");
    }

    [Fact]
    public async Task Member_ThatIsRefused_FailsSayingSoAndIsNotTriedAgain()
    {
        _box.File("home/.protoagent/broken/config.yaml", "server: {prot: 1}\n");
        var hub = await _box.ServeAsync("hub");
        var member = await AddAsync(hub, "broken");
        ((string)member["state"]!).ShouldBe("failed");
        ((string)member["last_error"]!).ShouldContain("exit code 78");
        (await File.ReadAllTextAsync((string)member["log"]!)).ShouldContain("server.port");
        (await hub.WarningsAsync()).ShouldContain(w => w.StartsWith("fleet_member_failed", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(_box.DataHome, "broken/config.yaml"), "");
        ((string)(await hub.SendAsync(HttpMethod.Post, "/api/fleet/broken/start")).Body["state"]!).ShouldBe("running");
        (await hub.WarningsAsync()).ShouldNotContain(w => w.StartsWith("fleet_member_failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Member_Removed_ItsDataStaysUnlessPurged()
    {
        var hub = await _box.ServeAsync("hub");
        var member = await AddAsync(hub, "worker");
        var data = (await hub.GetAsync("/api/fleet/worker"))["data"]!;
        data.AsArray().Select(d => (string)d!).ShouldContain(Path.Combine(_box.DataHome, "worker"));
        (await hub.GetAsync("/api/fleet"))["items"]![0]!.AsObject().ContainsKey("data").ShouldBeFalse();
        var (_, kept) = await hub.SendAsync(HttpMethod.Delete, "/api/fleet/worker");
        ((bool)kept["data_kept"]!).ShouldBeTrue();
        kept["data"]!.ToJsonString().ShouldBe(data.ToJsonString());
        IsThere((int)member["pid"]!).ShouldBeFalse();
        File.Exists(Path.Combine(_box.DataHome, "worker/checkpoints.db")).ShouldBeTrue();
        (await hub.GetAsync("/api/fleet"))["items"]!.AsArray().ShouldBeEmpty();

        await AddAsync(hub, "worker");
        var (_, purged) = await hub.SendAsync(HttpMethod.Delete, "/api/fleet/worker?purge=true");
        ((bool)purged["data_kept"]!).ShouldBeFalse();
        purged["data"]!.AsArray().ShouldNotBeEmpty();
        purged["data"]!.AsArray().ShouldAllBe(d => !Path.Exists((string)d!));
        (await hub.SendAsync(HttpMethod.Delete, "/api/fleet/worker")).Status.ShouldBe(HttpStatusCode.NotFound);
        Directory.Exists(Path.Combine(_box.DataHome, "hub")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"name":"../up"}""", 400, "member_name_invalid")]
    [InlineData("""{"name":"memory"}""", 400, "member_name_invalid")]
    [InlineData("""{}""", 400, "missing_field")]
    [InlineData("""{"name":"a","port":0}""", 400, "bad_port")]
    [InlineData("""{"name":"a","port":1,"x":2}""", 400, "malformed_body")]
    [InlineData("""{"name":"hub"}""", 409, "instance_running")]
    [InlineData("""{"name":"stranger"}""", 409, "instance_running")]
    public async Task Add_OfWhatCannotBe_RefusedAndNothingStarted(string body, int status, string code)
    {
        var hub = await _box.ServeAsync("hub");
        await _box.ServeAsync("stranger");
        var (answered, error) = await hub.SendAsync(HttpMethod.Post, "/api/fleet", JsonNode.Parse(body));
        ((int)answered).ShouldBe(status, error.ToJsonString());
        ((string)error["code"]!).ShouldBe(code);
        (await RecordsAsync()).Count.ShouldBe(2);
        (await hub.GetAsync("/api/fleet"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Fleets_OfTwoSupervisors_KnowNothingOfEachOther()
    {
        var (one, two) = (await _box.ServeAsync("one"), await _box.ServeAsync("two"));
        var added = await Task.WhenAll(AddAsync(one, "worker-a"), AddAsync(two, "worker-b"));
        added.ShouldAllBe(m => (string)m["state"]! == "running");
        (await one.GetAsync("/api/fleet"))["items"]!.AsArray().ShouldHaveSingleItem()!["name"]!.GetValue<string>().ShouldBe("worker-a");
        (await two.GetAsync("/api/fleet"))["items"]!.AsArray().ShouldHaveSingleItem()!["name"]!.GetValue<string>().ShouldBe("worker-b");

        // A second process on the same root does not take part.
        var sibling = await _box.ServeAsync("one");
        var (status, error) = await sibling.SendAsync(HttpMethod.Post, "/api/fleet/worker-a/stop");
        status.ShouldBe(HttpStatusCode.Conflict);
        ((string)error["code"]!).ShouldBe("fleet_not_owned");
    }

    [Fact]
    public async Task Command_DoesAllOfIt()
    {
        await _box.ServeAsync("hub");
        (await _box.RunAsync(["fleet", "ls"], "hub")).Error.ShouldContain("protoagent fleet add");
        (await _box.RunAsync(["fleet", "add", "worker"], "hub")).Output.ShouldContain("worker is running at http://127.0.0.1:");
        (await _box.RunAsync(["fleet", "ls"], "hub")).Output.ShouldContain("running");
        (await _box.RunAsync(["fleet", "stop", "worker"], "hub")).Output.ShouldContain("worker is stopped");
        (await _box.RunAsync(["fleet", "start", "worker"], "hub")).Output.ShouldContain("worker is running");
        (await _box.RunAsync(["fleet", "rm", "worker"], "hub")).Output.ShouldContain("stays");
        var none = await _box.RunAsync(["fleet", "stop", "worker"], "hub");
        none.ExitCode.ShouldBe(1);
        none.Error.ShouldContain("no member 'worker'");
    }

    private static async Task<JsonNode> AddAsync(AgentProcess hub, string name)
    {
        var (status, member) = await hub.SendAsync(HttpMethod.Post, "/api/fleet", new JsonObject { ["name"] = name });
        status.ShouldBe(HttpStatusCode.Created, member.ToJsonString());
        if ((string)member["state"]! == "running")
        {
            using var http = new HttpClient();

            // This one waits until each of its stores is where it will be.
            (await http.GetStringAsync($"{member["url"]}/api/runtime/status")).ShouldContain(name);
        }

        return member;
    }

    private static async Task<JsonNode?> MemberAsync(AgentProcess hub, string name) =>
        (await hub.GetAsync("/api/fleet"))["items"]!.AsArray().FirstOrDefault(m => (string)m!["name"]! == name);

    private async Task<List<JsonNode>> RecordsAsync() => [.. JsonNode.Parse((await _box.RunAsync(["ps", "--json"])).Output)!.AsArray().Select(r => r!)];

    /// <summary>Not one that has ended and that nobody has taken notice of: of whom its parent is gone, that is not up to us.</summary>
    private static bool IsThere(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<JsonNode> UntilAsync(Func<Task<JsonNode?>> ask)
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        while (true)
        {
            late.Token.ThrowIfCancellationRequested();
            if (await ask() is { } found)
            {
                return found;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
