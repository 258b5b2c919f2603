using ProtoAgent.Agent.Tools.Mcp;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

/// <summary>Servers the operator adds and removes.</summary>
public sealed class McpServerFileTests : IAsyncDisposable
{
    private readonly McpBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Add_WhileRunning_ConnectsAndIsThereAfterARestart()
    {
        await using (var servers = _bench.Started())
        {
            servers.Add(McpBench.Fixture("added", "some", "args") with { Timeout = TimeSpan.FromSeconds(5) }).Origin.ShouldBe(McpServerOrigin.Api);
            await _bench.BecameAsync(McpServerState.Ready);
        }

        File.GetUnixFileMode(_bench.File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var next = _bench.Started();
        await _bench.BecameAsync(McpServerState.Ready);
        next.List().ShouldHaveSingleItem().Origin.ShouldBe(McpServerOrigin.Api);
        (await McpBench.CallAsync(next, "added__env")).ShouldContain("TOKEN=s3cret");
    }

    [Fact]
    public async Task Remove_WhileRunning_TakesItsToolsAndItsEntry()
    {
        await using var servers = _bench.Started();
        servers.Add(McpBench.Fixture("added"));
        await _bench.BecameAsync(McpServerState.Ready);
        (await servers.RemoveAsync("added")).ShouldBeTrue();
        servers.Tools.ShouldBeEmpty();
        servers.List().ShouldBeEmpty();
        File.ReadAllText(_bench.File).ShouldNotContain("added");
        (await servers.RemoveAsync("added")).ShouldBeFalse();
    }

    [Fact]
    public async Task Add_NameThatIsTaken_Refused()
    {
        await using var servers = _bench.Servers(McpBench.Fixture("configured"));
        Should.Throw<McpServerRefusedException>(() => servers.Add(McpBench.Fixture("configured"))).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe("mcp_server_exists"), e => e.Message.ShouldContain("Configuration has"));
        servers.Add(McpBench.Fixture("added"));
        Should.Throw<McpServerRefusedException>(() => servers.Add(McpBench.Fixture("added"))).Code.ShouldBe("mcp_server_exists");
        (await Should.ThrowAsync<McpServerRefusedException>(servers.RemoveAsync("configured"))).Code.ShouldBe("mcp_server_configured");
    }

    [Fact]
    public async Task Load_NameConfigurationHasToo_StaysInTheFile()
    {
        await using (var servers = _bench.Servers())
        {
            servers.Add(McpBench.Fixture("both"));
        }

        await using var shadowed = _bench.Servers(McpBench.Fixture("both"));
        shadowed.List().ShouldHaveSingleItem().Origin.ShouldBe(McpServerOrigin.Config);
        shadowed.Add(McpBench.Fixture("another"));
        File.ReadAllText(_bench.File).ShouldContain("\"both\"");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"servers":[{"name":"a b","command":"x"}]}""")]
    [InlineData("""{"servers":[{"name":"a","command":"x"},{"name":"a","command":"y"}]}""")]
    [InlineData("""{"servers":[{"name":"a","command":"x","colour":"red"}]}""")]
    public async Task Load_FileThatCannotBeRead_WarnsAndIsNotWrittenOver(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.File)!);
        File.WriteAllText(_bench.File, content);
        await using var servers = _bench.Servers(McpBench.Fixture("configured"));
        servers.List().ShouldHaveSingleItem();
        var warning = servers.Warnings().ShouldHaveSingleItem();
        warning.Code.ShouldBe("mcp_servers_file");
        warning.Message.ShouldContain(_bench.File);
        Should.Throw<McpServerRefusedException>(() => servers.Add(McpBench.Fixture("added"))).Message.ShouldContain("Repair the file");
        File.ReadAllText(_bench.File).ShouldBe(content);
    }

    [Fact]
    public async Task Start_ConfiguredServerThatCannotBe_WarnsAndStartsTheOthers()
    {
        await using var servers = _bench.Started(McpBench.Fixture("good"), McpBench.Fixture(new string('a', 40)));
        await _bench.BecameAsync(McpServerState.Ready);
        servers.List().Select(s => s.State).ShouldBe([McpServerState.Failed, McpServerState.Ready]);
        servers.List()[0].LastError!.ShouldContain("1 to 32");
        var warning = servers.Warnings().ShouldHaveSingleItem();
        warning.Code.ShouldBe("mcp_server_invalid");
        warning.Remedy.ShouldContain("mcp.servers.aaaa");
    }

    public static TheoryData<McpServerOptions, string> Refused => new()
    {
        { new McpServerOptions("") { Command = "x" }, "name" },
        { new McpServerOptions("a__b") { Command = "x" }, "name" },
        { new McpServerOptions("a.b") { Command = "x" }, "name" },
        { new McpServerOptions("a\n") { Command = "x" }, "name" },
        { new McpServerOptions(new string('a', 33)) { Command = "x" }, "name" },
        { new McpServerOptions("a"), "command" },
        { new McpServerOptions("a") { Command = "x", Url = new Uri("http://h/") }, "url" },
        { new McpServerOptions("a") { Command = " " }, "command" },
        { new McpServerOptions("a") { Url = new Uri("ftp://h/") }, "url" },
        { new McpServerOptions("a") { Url = new Uri("http://me:pw@h/") }, "url" },
        { new McpServerOptions("a") { Url = new Uri("http://h/"), Args = ["x"] }, "args" },
        { new McpServerOptions("a") { Command = "x", Args = ["\0"] }, "args" },
        { new McpServerOptions("a") { Command = "x", Headers = new Dictionary<string, string> { ["A"] = "b" } }, "headers" },
        { new McpServerOptions("a") { Url = new Uri("http://h/"), Headers = new Dictionary<string, string> { ["A"] = "b\r\nC: d" } }, "headers" },
        { new McpServerOptions("a") { Url = new Uri("http://h/"), Headers = new Dictionary<string, string> { ["A b"] = "c" } }, "headers" },
        { new McpServerOptions("a") { Command = "x", Environment = new Dictionary<string, string> { ["A=B"] = "c" } }, "env" },
        { new McpServerOptions("a") { Command = "x", Environment = new Dictionary<string, string> { ["PROTOAGENT_INSTANCE"] = "bob" } }, "env" },
        { new McpServerOptions("a") { Command = "x", Timeout = TimeSpan.Zero }, "timeout_seconds" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Add_ServerThatCannotBe_NamesTheField(McpServerOptions server, string field)
    {
        await using var servers = _bench.Servers();
        var refused = Should.Throw<McpServerRefusedException>(() => servers.Add(server));
        refused.Code.ShouldBe("mcp_server_invalid");
        refused.Field.ShouldBe(field);
        File.Exists(_bench.File).ShouldBeFalse();
    }
}
