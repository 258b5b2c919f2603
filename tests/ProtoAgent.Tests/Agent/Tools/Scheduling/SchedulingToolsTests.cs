using System.Text.Json;
using CsCheck;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Scheduling;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Tests.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Scheduling;

/// <summary>It is noon of 2026-03-01, UTC, a Sunday.</summary>
public sealed class SchedulingToolsTests : IAsyncLifetime
{
    private static readonly ToolCall s_call = new("chat/1", "turn", "call", "operator");

    private TestDesk _desk = null!;
    private IReadOnlyDictionary<string, Tool> _tools = null!;

    public async ValueTask InitializeAsync()
    {
        _desk = await TestDesk.OpenAsync();
        _tools = new ToolCatalog(new ToolOptions(), [new SchedulingTools(() => _desk, _desk.Fixture.Time)]).Offered();
    }

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task ScheduleTask_ACronLine_SaysHowItWasUnderstoodAndRunsApart()
    {
        (await CallAsync("schedule_task", """{"prompt":"water","when":"0 9 * * mon-fri","timezone":"europe/berlin","job_id":"plants"}""")).ShouldBe(
            "Scheduled as 'plants': '0 9 * * MON-FRI' in Europe/Berlin, again and again, apart from any conversation; next Mon 2026-03-02T09:00:00+01:00 (Europe/Berlin).");
        (await JobAsync("plants")).SessionId.ShouldBeNull();
    }

    [Fact]
    public async Task ScheduleTask_OneTime_ComesBackToThisConversation()
    {
        var said = await CallAsync("schedule_task", """{"prompt":"call Ada","when":"2026-07-01T09:00","timezone":"Europe/Berlin","job_id":"ada"}""");
        said.ShouldContain("once, in this conversation; next Wed 2026-07-01T09:00:00+02:00 (Europe/Berlin).");
        (await JobAsync("ada")).ShouldSatisfyAllConditions(j => j.SessionId.ShouldBe("chat/1"), j => j.NextFire.ShouldBe(new DateTimeOffset(2026, 7, 1, 7, 0, 0, TimeSpan.Zero)));
    }

    [Theory]
    [InlineData("@daily", true, "chat/1")]
    [InlineData("2027-01-01T09:00", false, null)]
    public async Task ScheduleTask_ToldWhere_GoesThere(string when, bool here, string? session)
    {
        await CallAsync("schedule_task", $$"""{"prompt":"p","when":"{{when}}","in_this_conversation":{{(here ? "true" : "false")}},"job_id":"a"}""");
        (await JobAsync("a")).SessionId.ShouldBe(session);
    }

    [Fact]
    public async Task ScheduleTask_TheVerySame_AddsNothingAndSaysSo()
    {
        await CallAsync("schedule_task", """{"prompt":"p","when":"every 60m","job_id":"a"}""");
        (await CallAsync("schedule_task", """{"prompt":"p","when":"every 1h"}""")).ShouldStartWith("Nothing was added: the very same job is there already, as 'a': 'every 1h' in UTC");
        (await _desk.Store.CountAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"prompt":"p","when":"2026-02-01T09:00"}""", "it is now 2026-03-01T12:00:00Z")]
    [InlineData("""{"prompt":"p","when":"tomorrow"}""", "is no schedule")]
    [InlineData("""{"prompt":"p","when":"2026-03-05"}""", "is a date without a time")]
    [InlineData("""{"prompt":"p","when":"@daily","timezone":"Berlin"}""", "'Europe/Berlin'")]
    [InlineData("""{"prompt":" ","when":"@daily"}""", "one of them is blank")]
    [InlineData("""{"prompt":"p","when":"@daily","job_id":"a b"}""", "job_id: A job's id has")]
    [InlineData("""{"prompt":"p"}""", "when")]
    [InlineData("""{"prompt":"p","when":"@daily","session":"x"}""", "session")]
    public async Task ScheduleTask_SomethingWrong_SaysWhatToDo(string arguments, string said)
    {
        var refusal = await RefusalAsync("schedule_task", arguments);
        refusal.ShouldContain(said);
        refusal.ShouldNotContain("Parameter");
        (await _desk.Store.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task ScheduleTask_AnotherJobsId_PointsToTheTools()
    {
        await CallAsync("schedule_task", """{"prompt":"p","when":"@daily","job_id":"a"}""");
        (await RefusalAsync("schedule_task", """{"prompt":"q","when":"@daily","job_id":"a"}""")).ShouldContain("cancel_schedule takes one away");
    }

    [Fact]
    public async Task ScheduleTask_OfASubagent_NeverComesBackToIt()
    {
        var its = s_call with { ThreadId = "task:turn/call", Depth = 1 };
        await CallAsync("schedule_task", """{"prompt":"p","when":"2027-01-01T09:00","job_id":"a"}""", its);
        (await JobAsync("a")).SessionId.ShouldBeNull();
        (await RefusalAsync("schedule_task", """{"prompt":"p","when":"@daily","in_this_conversation":true}""", its)).ShouldContain("Leave in_this_conversation out");
    }

    [Theory]
    [InlineData("schedule_task", """{"prompt":"p","when":"@daily"}""")]
    [InlineData("cancel_schedule", """{"job_id":"a"}""")]
    [InlineData("wait", """{"seconds":5,"then":"look again"}""")]
    public async Task Write_WhereAnotherHoldsTheSchedule_SaysWho(string tool, string arguments)
    {
        _desk.NotOwned = new SchedulerNotOwnedException(null, "Process 4711 holds it.");
        (await RefusalAsync(tool, arguments)).ShouldContain("Process 4711 holds it. Tell the person you work for");
    }

    [Fact]
    public async Task ListSchedules_SomeJobs_TheNextFirstAndNoEndedOne()
    {
        (await CallAsync("list_schedules", "{}")).ShouldBe("Nothing is scheduled.");
        await CallAsync("schedule_task", """{"prompt":"late\nand long","when":"0 9 * * *","timezone":"Asia/Tokyo","job_id":"late"}""");
        await CallAsync("schedule_task", """{"prompt":"soon","when":"2026-03-01T12:05","job_id":"soon"}""");
        await CallAsync("schedule_task", """{"prompt":"rests","when":"@hourly","job_id":"rests"}""");
        await CallAsync("schedule_task", """{"prompt":"over","when":"2026-03-01T12:01","job_id":"over"}""");
        await _desk.Store.PauseAsync("rests");
        _desk.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await _desk.Store.ClaimAsync("over", _desk.Fixture.Now, null, "p1");

        (await CallAsync("list_schedules", "{}")).ShouldBe(
            """
            soon: next Sun 2026-03-01T12:05:00+00:00 (UTC); '2026-03-01T12:05:00' in UTC, in this conversation
              soon
            late: next Mon 2026-03-02T09:00:00+09:00 (Asia/Tokyo); '0 9 * * *' in Asia/Tokyo, apart from any conversation
              late and long
            rests: paused (paused); '@hourly' in UTC, apart from any conversation
              rests
            """);
        (await CallAsync("list_schedules", "{}", s_call with { ThreadId = "chat/2" })).ShouldContain("in the conversation 'chat/1'");
    }

    [Fact]
    public async Task ListSchedules_MoreThanAScreenful_SaysHowManyThereAre()
    {
        for (var i = 0; i < 52; i++)
        {
            await CallAsync("schedule_task", $$"""{"prompt":"{{new string('x', 300)}}","when":"every {{i + 1}}m","job_id":"job{{i}}"}""");
        }

        var said = await CallAsync("list_schedules", "{}");
        said.ShouldEndWith("(50 of 52 are shown.)");
        said.ShouldStartWith("job0: ");
        said.ShouldNotContain("job51: ");
        said.ShouldNotContain(new string('x', 201));
    }

    [Fact]
    public async Task CancelSchedule_AJob_IsGoneAndTheNextTimeSaysSo()
    {
        await CallAsync("schedule_task", """{"prompt":"p","when":"@daily","job_id":"a"}""");
        (await CallAsync("cancel_schedule", """{"job_id":"a"}""")).ShouldBe("Cancelled 'a'.");
        (await RefusalAsync("cancel_schedule", """{"job_id":"a"}""")).ShouldBe("There is no job 'a', so nothing is left to cancel. list_schedules shows those there are.");
    }

    [Fact]
    public async Task Wait_ASecondOne_TakesThePlaceOfTheFirst()
    {
        var said = await CallAsync("wait", """{"seconds":90,"then":"look again"}""");
        said.ShouldStartWith("This conversation goes on by itself: next Sun 2026-03-01T12:01:30+00:00 (UTC)");
        said.ShouldContain("End your turn now");
        await CallAsync("wait", """{"seconds":1,"then":"look elsewhere"}""");
        await CallAsync("wait", """{"seconds":5,"then":"another"}""", s_call with { ThreadId = "chat/2" });

        var jobs = (await _desk.Store.ListAsync(10)).Items;
        jobs.Count.ShouldBe(2);
        var job = jobs.Single(j => j.SessionId == "chat/1");
        (job.Prompt, job.NextFire, job.State).ShouldBe(("look elsewhere", _desk.Fixture.Now.AddSeconds(1), JobState.Active));
    }

    [Fact]
    public async Task Wait_AfterTheFirstIsOver_WaitsAgain()
    {
        await CallAsync("wait", """{"seconds":1,"then":"look again"}""");
        _desk.Fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await _desk.Store.ClaimAsync(WaitTool.JobId("chat/1"), _desk.Fixture.Now, null, "p1");
        (await JobAsync(WaitTool.JobId("chat/1"))).State.ShouldBe(JobState.Ended);
        await CallAsync("wait", """{"seconds":1,"then":"look again"}""");
        (await JobAsync(WaitTool.JobId("chat/1"))).NextFire.ShouldBe(_desk.Fixture.Now.AddSeconds(1));
    }

    [Theory]
    [InlineData("""{"seconds":0,"then":"x"}""", "give 1 to 31622400")]
    [InlineData("""{"seconds":31622401,"then":"x"}""", "give 1 to 31622400")]
    [InlineData("""{"seconds":5,"then":" "}""", "then is blank")]
    [InlineData("""{"seconds":5}""", "then")]
    public async Task Wait_SomethingWrong_SaysWhatToDo(string arguments, string said)
    {
        (await RefusalAsync("wait", arguments)).ShouldContain(said);
        (await _desk.Store.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public void WaitJobId_OfAnyThread_IsAJobsId() =>
        Gen.Select(Gen.String, Gen.String).Sample((one, other) =>
        {
            JobIds.Problem(WaitTool.JobId(one)).ShouldBeNull();
            (WaitTool.JobId(one) == WaitTool.JobId(other)).ShouldBe(one == other);
        });

    [Fact]
    public void Traits_OfEach_AreWhatARepeatedCallDoes() =>
        _tools.Values.Select(t => $"{t.Name} {t.Traits}").ShouldBe(
            ["cancel_schedule Idempotent", "list_schedules Idempotent, Parallel", "schedule_task Idempotent", "wait ConversationOnly, Remembers"]);

    [Theory]
    [InlineData("schedule_task", "prompt,when,timezone,job_id,in_this_conversation", "prompt,when")]
    [InlineData("list_schedules", "", "")]
    [InlineData("cancel_schedule", "job_id", "job_id")]
    [InlineData("wait", "seconds,then", "seconds,then")]
    public void Schema_OfEach_NamesWhatItTakesAndNeeds(string tool, string takes, string needs)
    {
        var schema = _tools[tool].Schema;
        (schema.TryGetProperty("properties", out var properties) ? string.Join(',', properties.EnumerateObject().Select(p => p.Name)) : "").ShouldBe(takes);
        (schema.TryGetProperty("required", out var required) ? string.Join(',', required.EnumerateArray().Select(r => r.GetString())) : "").ShouldBe(needs);
    }

    private async Task<string> CallAsync(string tool, string arguments, ToolCall? call = null) =>
        (await _tools[tool].CallAsync(JsonElement.Parse(arguments), call ?? s_call, CancellationToken.None)).Text;

    private async Task<string> RefusalAsync(string tool, string arguments, ToolCall? call = null) =>
        (await Should.ThrowAsync<ToolException>(() => CallAsync(tool, arguments, call))).Message;

    private async Task<Job> JobAsync(string id) => (await _desk.Store.GetAsync(id)).ShouldNotBeNull();
}
