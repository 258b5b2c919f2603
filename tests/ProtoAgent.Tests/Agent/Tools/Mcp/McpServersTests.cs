using System.Diagnostics;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Tests.Agent.Tools.Processes;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

/// <summary>Against a real program below a real guard.</summary>
public sealed class McpServersTests : IAsyncDisposable
{
    private readonly McpBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Start_AProgram_OffersItsToolsUnderItsName()
    {
        await using var servers = _bench.Servers(McpBench.Fixture("fix"));
        servers.List().ShouldHaveSingleItem().State.ShouldBe(McpServerState.Connecting);
        servers.Tools.ShouldBeEmpty();
        servers.Start();
        var ready = await _bench.BecameAsync(McpServerState.Ready);
        ready.ShouldSatisfyAllConditions(
            () => ready.Target.ShouldBe(Programs.McpFixture),
            () => ready.Origin.ShouldBe(McpServerOrigin.Config),
            () => ready.LastError.ShouldBeNull(),
            () => ready.Tools.ShouldContain("fix__files_read"));
        var echo = servers.Tools.Single(t => t.Name == "fix__echo");
        echo.Description.ShouldBe("the fixture's echo");
        echo.Schema.GetProperty("properties").TryGetProperty("text", out _).ShouldBeTrue();
        echo.Traits.ShouldBe(ToolTraits.External | ToolTraits.Idempotent | ToolTraits.Parallel);
        servers.Tools.Single(t => t.Name == "fix__slow").Traits.ShouldBe(ToolTraits.External | ToolTraits.Idempotent);
        servers.Tools.Single(t => t.Name == "fix__die").Traits.ShouldBe(ToolTraits.External);
        (await McpBench.CallAsync(servers, "fix__echo", """{"text":"héllo"}""")).ShouldBe("héllo");
        (await McpBench.CallAsync(servers, "fix__files_read")).ShouldBe("called files/read");
    }

    [Fact]
    public async Task Start_AProgram_SeesTheSealedEnvironmentAlone()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix"));
        await _bench.BecameAsync(McpServerState.Ready);
        var variables = (await McpBench.CallAsync(servers, "fix__env")).Split('\n');
        variables.Select(v => v.Split('=')[0]).Where(n => !n.StartsWith("DOTNET_", StringComparison.Ordinal))
            .ShouldBe(["HOME", "LANG", "PATH", "PROTOAGENT_INSTANCE", "PROTOAGENT_ROOT", "TOKEN"]);
        variables.ShouldContain($"HOME={_bench.Workspace}");
        variables.ShouldContain("PROTOAGENT_INSTANCE=alice");
    }

    [Fact]
    public async Task Call_AnswerThatIsNoText_IsDescribed()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix"));
        await _bench.BecameAsync(McpServerState.Ready);
        (await McpBench.CallAsync(servers, "fix__picture")).ShouldBe("look\n[an image, image/png, 4 bytes: it can't be shown here]\n{\"size\":4}");
        (await Should.ThrowAsync<ToolException>(McpBench.CallAsync(servers, "fix__refuse"))).Message.ShouldBe("not on a Tuesday");
        (await Should.ThrowAsync<ToolException>(McpBench.CallAsync(servers, "fix__echo", "[]"))).Message.ShouldContain("object");
    }

    [Fact]
    public async Task Call_NotAnsweredInTime_TellsThatNothingIsKnown()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix") with { Timeout = TimeSpan.FromSeconds(9) });
        await _bench.BecameAsync(McpServerState.Ready);
        var call = McpBench.CallAsync(servers, "fix__slow");
        await _bench.Time.PassAsync(TimeSpan.FromSeconds(9), Programs.Patience);
        (await Should.ThrowAsync<ToolException>(call)).Message.ShouldContain("within 9 s");
        (await McpBench.CallAsync(servers, "fix__echo", """{"text":"still there"}""")).ShouldBe("still there");
    }

    [Fact]
    public async Task Call_Cancelled_EndsAtOnceAndTheServerGoesOn()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix"));
        await _bench.BecameAsync(McpServerState.Ready);
        using var cancelled = new CancellationTokenSource();
        var call = McpBench.CallAsync(servers, "fix__slow", cancellation: cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        (await McpBench.CallAsync(servers, "fix__echo", """{"text":"still there"}""")).ShouldBe("still there");
    }

    [Fact]
    public async Task Tools_ServerSaysTheyChanged_AreListedAgain()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix"));
        await _bench.BecameAsync(McpServerState.Ready);
        await McpBench.CallAsync(servers, "fix__grow");
        await _bench.BecameAsync(s => s.Tools.Contains("fix__grown"));
        (await McpBench.CallAsync(servers, "fix__grown")).ShouldBe("called grown");
    }

    [Fact]
    public async Task Start_ServerWithoutTheOldHandshake_IsAskedInTheNewWayAndListenedTo()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix", "modern"));
        await _bench.BecameAsync(s => s.Tools.Contains("fix__listening"));
        (await McpBench.CallAsync(servers, "fix__echo", """{"text":"hi"}""")).ShouldBe("hi");
    }

    [Fact]
    public async Task Run_ServerDies_ItsToolsVanishAndItComesBack()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix"));
        await _bench.BecameAsync(McpServerState.Ready);
        var held = servers.Tools.Single(t => t.Name == "fix__die");
        (await Should.ThrowAsync<ToolException>(McpBench.CallAsync(servers, "fix__die"))).Message.ShouldContain("went away during the call");
        var gone = await _bench.BecameAsync(s => s is { State: McpServerState.Restarting, LastError: not null });
        gone.LastError.ShouldBe("the program ended with exit code 7; it last said: dying as told");
        gone.Tools.ShouldBeEmpty();
        servers.Tools.ShouldBeEmpty();
        using (var nothing = System.Text.Json.JsonDocument.Parse("{}"))
        {
            (await Should.ThrowAsync<ToolException>(held.CallAsync(nothing.RootElement, new ToolCall("t", "u", "c", "test"), CancellationToken.None))).Message.ShouldContain("not there now");
        }

        await _bench.Time.PassAsync(TimeSpan.FromSeconds(1), Programs.Patience);
        (await _bench.BecameAsync(McpServerState.Ready)).LastError.ShouldNotBeNull("it has not proved itself yet");
        (await McpBench.CallAsync(servers, "fix__echo", """{"text":"back"}""")).ShouldBe("back");
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        servers.List()[0].LastError.ShouldBeNull();
    }

    [Fact]
    public async Task Run_ServerThatNeverStarts_IsTriedAgainWithGrowingPauses()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix", "fail"));
        foreach (var seconds in (int[])[1, 2, 4, 8])
        {
            var failed = await _bench.BecameAsync(McpServerState.Failed);
            failed.LastError.ShouldBe("the program ended with exit code 3; it last said: the fixture can't find its token");
            await _bench.Time.PassAsync(TimeSpan.FromSeconds(seconds), Programs.Patience);
        }
    }

    [Theory]
    [InlineData("no-such-program", "exit code 127")]
    [InlineData("/bin/true", "exit code 0")]
    public async Task Run_ProgramThatIsNone_SaysHowItEnded(string command, string said)
    {
        await using var servers = _bench.Started(new McpServerOptions("fix") { Command = command });
        (await _bench.BecameAsync(McpServerState.Failed)).LastError!.ShouldContain(said);
    }

    [Fact]
    public async Task Run_ServerThatKeepsSilent_IsGivenUpAndStopped()
    {
        await using var servers = _bench.Started(McpBench.Fixture("fix", "deaf"));
        await _bench.Time.PassAsync(TimeSpan.FromSeconds(60), Programs.Patience);
        (await _bench.BecameAsync(McpServerState.Failed)).LastError.ShouldBe("it was not ready within 60 s");
    }

    [Fact]
    public async Task Dispose_WhileReadyOrStarting_LeavesNoProcess()
    {
        var servers = _bench.Started(McpBench.Fixture("one"), McpBench.Fixture("two", "deaf"), McpBench.Fixture("off") with { Enabled = false });
        servers.List().Single(s => s.Name == "off").State.ShouldBe(McpServerState.Disabled);
        await _bench.BecameAsync(McpServerState.Ready);
        await servers.DisposeAsync().AsTask().WaitAsync(Programs.Patience);
        await servers.DisposeAsync();
        servers.Tools.ShouldBeEmpty();

        // Ours are those that run in this test's workspace.
        Process.GetProcesses().Where(p => WorkingFolder(p.Id) == _bench.Workspace).Select(p => p.ProcessName).ShouldBeEmpty();
    }

    [Fact]
    public async Task Dispose_NeverStarted_DoesNothing() => await _bench.Servers(McpBench.Fixture("fix")).DisposeAsync();

    private static string? WorkingFolder(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
