using System.Text.Json.Nodes;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Commands;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Commands;

/// <summary>The console belongs to the process: what writes to it runs by itself.</summary>
[CollectionDefinition(nameof(ConsoleTests), DisableParallelization = true)]
public sealed class ConsoleTests;

/// <summary><c>protoagent jobs</c> against the routes on a port. It is noon of 2026-03-01, UTC, a Sunday.</summary>
[Collection(nameof(ConsoleTests))]
public sealed class JobsCommandTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private JobBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await JobBench.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Jobs_AddedAndListed_NextFireInTheJobsZone()
    {
        (await RunAsync("list")).ShouldBe((ExitCodes.Ok, "", "No jobs. Add one: protoagent jobs add '0 9 * * MON-FRI' 'water the plants'\n"));
        (await RunAsync("add", "0 9 * * mon-fri", "water the plants", "--timezone", "Europe/Berlin", "--id", "plants", "--session", "home", "--retries", "7", "--overlap", "queue_one"))
            .ShouldBe((ExitCodes.Ok, "Added 'plants': 0 9 * * MON-FRI (Europe/Berlin), next Mon 2026-03-02 09:00:00 +01:00\n", ""));
        (await RunAsync("list")).Output.ShouldBe(
            """
            ID      STATE   NEXT FIRE                       LAST  SCHEDULE                         PROMPT
            plants  active  Mon 2026-03-02 09:00:00 +01:00  -     0 9 * * MON-FRI (Europe/Berlin)  water the plants

            """);
        (await JobAsync()).ShouldSatisfyAllConditions(
            j => j.SessionId.ShouldBe("home"), j => j.Policy.ShouldBe(new JobPolicy { Retries = 7, Overlap = Overlap.QueueOne }));
        (await RunAsync("add", "0 9 * * MON-FRI", "water the plants", "--timezone", "Europe/Berlin", "--session", "home")).Output
            .ShouldStartWith("Nothing added, the very same job is there already: 'plants'");
    }

    [Fact]
    public async Task Edit_SomeOfIt_TheRestStays()
    {
        await RunAsync("add", "@daily", "p", "--id", "plants", "--session", "home", "--end-at", "2027-01-01T00:00", "--max-runs", "9", "--retries", "7");
        (await RunAsync("edit", "plants", "--schedule", "0 9 * * *", "--timezone", "Asia/Tokyo")).Output
            .ShouldBe("Changed 'plants': 0 9 * * * (Asia/Tokyo), next Mon 2026-03-02 09:00:00 +09:00\n");
        (await JobAsync()).ShouldSatisfyAllConditions(
            j => j.Prompt.ShouldBe("p"), j => j.SessionId.ShouldBe("home"), j => j.Policy.MaxRuns.ShouldBe(9), j => j.Policy.Retries.ShouldBe(7),
            j => j.Policy.EndAt.ShouldBe(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        await RunAsync("edit", "plants", "--prompt", "q", "--no-session", "--end-at", "never", "--max-runs", "0", "--missed", "skip");
        (await JobAsync()).ShouldSatisfyAllConditions(
            j => j.Prompt.ShouldBe("q"), j => j.SessionId.ShouldBeNull(), j => j.Schedule.ShouldBe("0 9 * * *"),
            j => j.Policy.ShouldBe(new JobPolicy { Retries = 7, Missed = MissedFires.Skip }));
    }

    [Fact]
    public async Task Job_PausedResumedRunShownAndDeleted_SaysEach()
    {
        await RunAsync("add", "every 1m", "p", "--id", "plants");
        (await RunAsync("pause", "plants")).Output.ShouldBe("Paused 'plants': every 1m (UTC), paused\n");
        (await RunAsync("resume", "plants")).Output.ShouldBe("Resumed 'plants': every 1m (UTC), next Sun 2026-03-01 12:01:00 +00:00\n");
        (await RunAsync("run", "plants")).Output.ShouldEndWith("is claimed; what becomes of it: protoagent jobs runs plants\n");
        (await RunAsync("runs", "plants")).Output.ShouldBe(
            """
            DUE                             STATUS   ATTEMPT  FINISHED  TURN  WHY
            Sun 2026-03-01 12:00:00 +00:00  claimed  1        -         -     run_now

            """);
        var shown = (await RunAsync("show", "plants")).Output;
        shown.ShouldContain("missed:             fire_once, up to 86400 s late\n");
        shown.ShouldContain("last fire:          Sun 2026-03-01 12:00:00 +00:00 claimed\n");
        (await RunAsync("delete", "plants")).ShouldBe((ExitCodes.Ok, "Deleted 'plants'.\n", ""));
        (await RunAsync("show", "plants")).ShouldBe((ExitCodes.Problems, "", "protoagent: There is no job 'plants' here. GET /api/scheduler/jobs lists those there are.\n"));
    }

    [Fact]
    public async Task List_MoreThanAsked_SaysHowToGoOn()
    {
        await RunAsync("add", "every 1m", "p", "--id", "one");
        await RunAsync("add", "every 2m", "p", "--id", "two");
        var (_, output, error) = await RunAsync("list", "--limit", "1");
        output.ShouldContain("two ");
        output.ShouldNotContain("one ");
        (await RunAsync("list", "--limit", "1", "--cursor", error.Trim().Split(' ')[^1])).Output.ShouldContain("one ");
    }

    [Fact]
    public async Task Json_OnEach_IsTheAnswerOfTheApi()
    {
        ((string)JsonNode.Parse((await RunAsync("add", "@daily", "p", "--id", "plants", "--json")).Output)!["job"]!["id"]!).ShouldBe("plants");
        ((string)JsonNode.Parse((await RunAsync("list", "--json")).Output)!["items"]![0]!["state"]!).ShouldBe("active");
        ((bool)JsonNode.Parse((await RunAsync("delete", "plants", "--json")).Output)!["canceled"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task Command_WhatTheInstanceRefuses_IsSaidAndExitsWithAProblem()
    {
        (await RunAsync("add", "61 * * * *", "p")).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(ExitCodes.Problems), r => r.Output.ShouldBe(""), r => r.Error.ShouldContain("61"));
        _bench.Desk.NotOwned = new SchedulerNotOwnedException(null, "Process 4711 holds it.");
        (await RunAsync("add", "@daily", "p")).ShouldBe((ExitCodes.Problems, "", "protoagent: Process 4711 holds it.\n"));
    }

    [Theory]
    [InlineData("show", "..")]
    [InlineData("delete", "a/b")]
    [InlineData("edit", "plants")]
    [InlineData("add", "@daily")]
    [InlineData("add", "@daily", "p", "--missed", "never")]
    [InlineData("add", "@daily", "p", "--retries", "many")]
    public async Task Command_WrongUsage_IsToldBeforeAnybodyIsAsked(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        (code, output).ShouldBe((ExitCodes.Usage, ""), error);
        error.ShouldStartWith("protoagent: ");
        error.ShouldEndWith($"See 'protoagent jobs {arguments[0]} --help'.\n");
    }

    /// <summary>The command as the shell would run it, but for the process around it.</summary>
    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var config = Path.Combine(_folder.Path, "config.yaml");
        await File.WriteAllTextAsync(config, "instance_id: alice\n");
        var (output, error) = (Console.Out, Console.Error);
        using var said = new StringWriter();
        using var complained = new StringWriter();
        try
        {
            Console.SetOut(said);
            Console.SetError(complained);
            var code = await CommandLine.RunAsync(["jobs", .. arguments[0] == "list" ? arguments[1..] : arguments, "--url", _bench.Http.BaseAddress!.ToString(), "--config", config]);
            return (code, said.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private async Task<Job> JobAsync() => (await _bench.Desk.Store.GetAsync("plants")).ShouldNotBeNull();
}
