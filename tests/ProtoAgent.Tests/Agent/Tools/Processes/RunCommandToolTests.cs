using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Processes;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Processes;

public sealed class RunCommandToolTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly FakeTimeProvider _time = new();

    private string Workspace => Path.Combine(_temp.Path, "workspace");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Call_CommandThatEnds_AnswersItsCodeAndBothStreamsInOrder() =>
        (await RunAsync("echo one; echo two >&2; echo three; exit 3")).ShouldBe("exit code 3\none\ntwo\nthree\n");

    [Fact]
    public async Task Call_ReadingStandardInput_IsAtItsEnd() =>
        (await RunAsync("cat; echo done")).ShouldBe("exit code 0\ndone\n");

    [Fact]
    public async Task Call_Environment_IsTheSealedOne()
    {
        var variables = (await RunAsync("pwd; env")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        variables[1].ShouldBe(Workspace);
        variables[2..].Select(v => v.Split('=')[0]).Where(n => n is not ("_" or "PWD" or "OLDPWD" or "SHLVL")).Order(StringComparer.Ordinal)
            .ShouldBe(["HOME", "LANG", "PATH", "PROTOAGENT_INSTANCE", "TMPDIR"]);
        variables.ShouldContain($"HOME={Workspace}");
        variables.ShouldContain($"TMPDIR={Workspace}/.tmp");
        variables.ShouldContain("PROTOAGENT_INSTANCE=alice");
        Directory.Exists(Workspace + "/.tmp").ShouldBeTrue();
    }

    [Fact]
    public async Task Call_CommandWithQuotesAndLines_IsOneScript() =>
        (await RunAsync("x=\"a 'b'\"\necho \"$x\" '$1'")).ShouldBe("exit code 0\na 'b' $1\n");

    [Fact]
    public async Task Call_MoreThanIsKept_IsCountedAndCutBetweenCharacters()
    {
        var answer = await RunAsync("head -c 262143 /dev/zero | tr '\\0' x; printf 'é!'");
        answer.ShouldStartWith("exit code 0\nxxx");
        answer.ShouldEndWith("xxx\n[2 more bytes were printed and not kept]");
    }

    [Fact]
    public async Task Call_ChildLeftInTheBackground_EndsWithTheCommand()
    {
        var pid = (await RunAsync("sleep 1000 & echo $!")).Split('\n')[1];
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public async Task Call_NotEndedInTime_KillsTheFamilyAndTellsWhatWasPrinted()
    {
        var call = RunAsync("(sleep 1000 & echo $! >child); echo begun; touch ready; sleep 1000", timeout: 5);
        await ExistsAsync("ready");
        _time.Advance(TimeSpan.FromSeconds(5));
        var refused = await Should.ThrowAsync<ToolException>(call);
        refused.Message.ShouldContain("5 s");
        refused.Message.ShouldContain("timeout_seconds");
        refused.Message.ShouldEndWith("begun\n");
        Directory.Exists($"/proc/{File.ReadAllText(Path.Combine(Workspace, "child")).Trim()}").ShouldBeFalse();
    }

    [Fact]
    public async Task Call_Cancelled_KillsTheFamily()
    {
        using var cancelled = new CancellationTokenSource();
        var call = RunAsync("(sleep 1000 & echo $! >child); touch ready; sleep 1000", cancellation: cancelled.Token);
        await ExistsAsync("ready");
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        Directory.Exists($"/proc/{File.ReadAllText(Path.Combine(Workspace, "child")).Trim()}").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"command":" "}""", "blank")]
    [InlineData("""{"command":"true","timeout_seconds":601}""", "600")]
    [InlineData("""{"command":"true","shell":"bash"}""", "shell")]
    [InlineData("""{}""", "command")]
    public async Task Call_BadArguments_SaysWhich(string arguments, string named) =>
        (await Should.ThrowAsync<ToolException>(CallAsync(arguments, CancellationToken.None))).Message.ShouldContain(named);

    [Fact]
    public void Traits_OffUntilEnabledAndAskedForEachTime() =>
        Tool().Traits.ShouldBe(ToolTraits.OffByDefault | ToolTraits.NeedsApproval | ToolTraits.External);

    private RunCommandTool Tool() =>
        new(new ProcessGuard(Programs.Agent), new ChildEnvironment("/usr/local/bin:/usr/bin:/bin", "C.UTF-8", Workspace, _temp.Path, "alice"), _time);

    private async Task<string> RunAsync(string command, int? timeout = null, CancellationToken cancellation = default) =>
        await CallAsync(
            timeout is null
                ? $$"""{"command":{{JsonSerializer.Serialize(command)}}}"""
                : $$"""{"command":{{JsonSerializer.Serialize(command)}},"timeout_seconds":{{timeout}}}""",
            cancellation);

    private async Task<string> CallAsync(string arguments, CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse(arguments);
        return (await Tool().CallAsync(json.RootElement, new ToolCall("t", "u", "c", "test"), cancellation).WaitAsync(Programs.Patience, CancellationToken.None)).Text;
    }

    /// <summary>Until the command has made the file.</summary>
    private async Task ExistsAsync(string name)
    {
        Directory.CreateDirectory(Workspace);
        using var watcher = new FileSystemWatcher(Workspace);
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, e) =>
        {
            if (e.Name == name)
            {
                made.TrySetResult();
            }
        };
        watcher.EnableRaisingEvents = true;
        if (!File.Exists(Path.Combine(Workspace, name)))
        {
            await made.Task.WaitAsync(Programs.Patience);
        }
    }
}
