using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task Serve_WrongInManyWays_AllSaidAtOnceWithFileAndLine()
    {
        await using var box = new Sandbox();
        box.Folder("tmp");
        var user = box.File("work/config.yaml", "server:\n  prot: 1\n  host: [a]\nmodel:\n  api_key: sk-in-the-open\n");
        var shared = box.File("home/.protoagent/config.yaml", "logging:\n  level: loud\nserver:\n  port: 99999\n");
        var before = box.Snapshot();

        var refused = await box.RunAsync(["serve"], "alice");

        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain($"{user}, line 2: unknown setting 'server.prot'. Did you mean 'server.port'?");
        refused.Error.ShouldContain($"{user}, line 3: 'server.host' must be text");
        refused.Error.ShouldContain($"{user}, line 5: 'model.api_key' is a secret");
        refused.Error.ShouldNotContain("sk-in-the-open");
        box.Snapshot().ShouldBe(before);

        File.Delete(user);
        var next = await box.RunAsync(["serve"], "alice");
        next.Error.ShouldContain($"{shared}, line 2: 'logging.level' is 'loud'");
        next.Error.ShouldContain($"{shared}, line 4: 'server.port' is '99999' and must be a whole number from 0 to 65535");
    }

    [Fact]
    public async Task Explain_EveryLayer_LaterWins()
    {
        await using var box = new Sandbox();
        box.File("home/.protoagent/config.yaml", "agent_name: from-box\nserver: {port: 1001, shutdown_seconds: 5}\nmodel: {retries: 1, timeout_seconds: 11}");
        box.File("home/.protoagent/alice/config.yaml", "server: {port: 1002}\nmodel: {retries: 2, timeout_seconds: 12}");
        box.File("work/config.yaml", "server: {port: 1003}\nmodel: {timeout_seconds: 13}");
        var environment = new Dictionary<string, string> { ["PROTOAGENT_SERVER__PORT"] = "1004", ["PROTOAGENT_PORT"] = "1005" };

        var explained = await box.RunAsync(["config", "explain", "--json"], "alice", environment);

        explained.ExitCode.ShouldBe(0, explained.Error);
        var items = JsonNode.Parse(explained.Output)!["items"]!.AsArray().ToDictionary(i => (string)i!["key"]!, i => $"{i!["value"]} {i["layer"]}");
        items["agent_name"].ShouldBe("from-box box");
        items["server.shutdown_seconds"].ShouldBe("5 box");
        items["model.retries"].ShouldBe("2 instance");
        items["model.timeout_seconds"].ShouldBe("13 file");
        items["server.port"].ShouldBe("1005 environment");
        items["logging.level"].ShouldBe("info default");
        items["model.provider"].ShouldBe("offline default");
    }

    [Fact]
    public async Task Secrets_ReadableByOthers_RefusedWithTheCommandToRun()
    {
        await using var box = new Sandbox();
        var secrets = box.File("home/.protoagent/alice/secrets.yaml", "model: {api_key: sk-123}");
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var refused = await box.ServeRefusedAsync("alice");
        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain($"chmod 600 '{secrets}'");

        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var agent = await box.ServeAsync("alice", environment: new() { ["PROTOAGENT_MODEL"] = "m" });
        var status = await agent.GetAsync("/api/runtime/status");
        ((string)status["model"]!["provider"]!).ShouldBe("openai");
        (await agent.GetAsync("/api/config")).ToJsonString().ShouldNotContain("sk-123");
        agent.Log.ShouldNotContain("sk-123");
    }

    [Fact]
    public async Task Environment_Misspelt_WarnsOrRefuses()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync(environment: new() { ["PROTOAGENT_INSTANCES"] = "alice" });
        (await agent.WarningsAsync()).ShouldHaveSingleItem().ShouldContain("Did you mean 'PROTOAGENT_INSTANCE'?");

        var refused = await box.ServeRefusedAsync("bob", environment: new() { ["PROTOAGENT_SERVER__PROT"] = "1" });
        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain("Did you mean 'PROTOAGENT_SERVER__PORT'?");
    }

    [Fact]
    public async Task CommandLine_WrongUsage_ExitsTwo()
    {
        await using var box = new Sandbox();
        (await box.RunAsync(["serve", "--prot", "1"])).ExitCode.ShouldBe(2);
        (await box.RunAsync(["nonsense"])).ExitCode.ShouldBe(2);
        var chat = await box.RunAsync(["chat", "hello"], "alice");
        chat.ExitCode.ShouldBe(69);
        chat.Error.ShouldContain("PROTOAGENT_INSTANCE=alice protoagent serve");
        var help = await box.RunAsync(["serve", "--help"]);
        help.ExitCode.ShouldBe(0);
        help.Output.ShouldContain("--port");
    }
}
