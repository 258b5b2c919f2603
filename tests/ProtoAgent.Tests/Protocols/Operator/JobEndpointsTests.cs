using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class JobEndpointsTests : IAsyncLifetime
{
    private const string Jobs = "/api/scheduler/jobs";
    private const string Daily = """{"prompt":"water the plants","schedule":"0 9 * * mon-fri","timezone":"europe/berlin","job_id":"plants"}""";

    private JobBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await JobBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Add_AJob_AnsweredWithAllOfIt()
    {
        (await _bench.AddAsync(Daily)).ToJsonString().ShouldBe(
            """
            {"job":{"id":"plants","prompt":"water the plants","schedule":"0 9 * * MON-FRI","timezone":"Europe/Berlin","session_id":null,"state":"active","enabled":true,"paused_reason":null,
            "next_fire":"2026-03-02T08:00:00.000Z","last_fire":null,"last_status":null,"runs":0,"consecutive_failures":0,
            "policy":{"missed":"fire_once","missed_window_seconds":86400,"overlap":"skip","retries":3,"retry_backoff_seconds":30,"jitter_seconds":0,"end_at":null,"max_runs":null,"pause_after_failures":0},
            "created_at":"2026-03-01T12:00:00.000Z","updated_at":"2026-03-01T12:00:00.000Z","version":1}}
            """.ReplaceLineEndings(""));
        (await _bench.AskAsync(HttpMethod.Get, $"{Jobs}/plants"))["job"]!["id"]!.GetValue<string>().ShouldBe("plants");
    }

    [Fact]
    public async Task Add_TheSameAgain_AnsweredWithTheOneThereIs()
    {
        await _bench.AddAsync(Daily);
        var again = await _bench.AskAsync(HttpMethod.Post, Jobs, """{"prompt":"water the plants","schedule":" 0 9 * * MON-FRI ","timezone":"Europe/Berlin"}""");
        (again["existed"]!.GetValue<bool>(), again["job"]!["id"]!.GetValue<string>()).ShouldBe((true, "plants"));
        (await _bench.AskAsync(HttpMethod.Get, Jobs))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_WithAPartOfAPolicy_TheRestIsDefault()
    {
        var job = await _bench.AddAsync("""{"prompt":"p","schedule":"every 90m","session_id":"home/1","policy":{"retries":0,"jitter_seconds":1.5,"end_at":"2026-03-08T09:00"}}""");
        job["job"]!["policy"]!.ToJsonString().ShouldBe(
            """{"missed":"fire_once","missed_window_seconds":86400,"overlap":"skip","retries":0,"retry_backoff_seconds":30,"jitter_seconds":1.5,"end_at":"2026-03-08T09:00:00.000Z","max_runs":null,"pause_after_failures":0}""");
        (job["job"]!["schedule"]!.GetValue<string>(), job["job"]!["session_id"]!.GetValue<string>()).ShouldBe(("every 1h30m", "home/1"));
    }

    [Theory]
    [InlineData("""{"schedule":"@daily"}""", "missing_field", "prompt")]
    [InlineData("""{"prompt":"  ","schedule":"@daily"}""", "missing_field", "prompt")]
    [InlineData("""{"prompt":"p"}""", "missing_field", "schedule")]
    [InlineData("""{"prompt":"p","schedule":"0 25 * * *"}""", "wrong_field", "schedule")]
    [InlineData("""{"prompt":"p","schedule":"2027-03-01"}""", "date_without_time", "schedule")]
    [InlineData("""{"prompt":"p","schedule":"2026-02-01T09:00"}""", "in_the_past", "schedule")]
    [InlineData("""{"prompt":"p","schedule":"@daily","timezone":"Europe/Atlantis"}""", "unknown_timezone", "timezone")]
    [InlineData("""{"prompt":"p","schedule":"@daily","timezone":"Europe/Atlantis","policy":{"end_at":"2027-03-01T09:00"}}""", "unknown_timezone", "timezone")]
    [InlineData("""{"prompt":"p","schedule":"@daily","job_id":"a/b"}""", "bad_job_id", "job_id")]
    [InlineData("""{"prompt":"p","schedule":"@daily","job_id":".."}""", "bad_job_id", "job_id")]
    [InlineData("""{"prompt":"p","schedule":"@daily","session_id":" x"}""", "thread_id_invalid", null)]
    [InlineData("""{"prompt":"p","schedule":"@daily","colour":"red"}""", "malformed_body", "colour")]
    [InlineData("""{"prompt":7,"schedule":"@daily"}""", "malformed_body", "prompt")]
    [InlineData("""{"prompt":"p","schedule":"@daily","version":1}""", "malformed_body", "version")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"colour":"red"}}""", "malformed_body", "policy.colour")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"retries":"3"}}""", "malformed_body", "policy.retries")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"retries":1.5}}""", "malformed_body", "policy.retries")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"retries":101}}""", "bad_policy", "policy.retries")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"missed":"Skip"}}""", "bad_policy", "policy.missed")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"overlap":"queue"}}""", "bad_policy", "policy.overlap")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"missed_window_seconds":-1}}""", "bad_policy", "policy.missed_window_seconds")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"jitter_seconds":1e300}}""", "bad_policy", "policy.jitter_seconds")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"retry_backoff_seconds":3601}}""", "bad_policy", "policy.retry_backoff_seconds")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"max_runs":0}}""", "bad_policy", "policy.max_runs")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"pause_after_failures":-1}}""", "bad_policy", "policy.pause_after_failures")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"end_at":"2027-03-01"}}""", "bad_policy", "policy.end_at")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"end_at":"@daily"}}""", "bad_policy", "policy.end_at")]
    [InlineData("""{"prompt":"p","schedule":"@daily","policy":{"end_at":"2026-03-01T13:00"}}""", "bad_job", null)]
    public async Task Add_SomethingWrong_NamesItAndKeepsNothing(string body, string code, string? field)
    {
        var (status, problem) = await _bench.SendAsync(HttpMethod.Post, Jobs, body);
        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToJsonString());
        (problem["code"]!.GetValue<string>(), problem["field"]?.GetValue<string>()).ShouldBe((code, field), problem.ToJsonString());
        problem["detail"]!.GetValue<string>().ShouldNotContain("Parameter");
        (await _bench.Desk.Store.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Replace_WhatIsLeftOut_StaysAsItWas()
    {
        await _bench.AddAsync("""{"prompt":"p","schedule":"0 9 * * *","timezone":"Europe/Berlin","job_id":"a","session_id":"s","policy":{"retries":7,"max_runs":9}}""");
        var edited = (await _bench.AskAsync(HttpMethod.Put, $"{Jobs}/a", """{"prompt":"q","schedule":"0 10 * * *"}"""))["job"]!;
        (edited["prompt"]!.GetValue<string>(), edited["timezone"]!.GetValue<string>(), edited["session_id"]!.GetValue<string>()).ShouldBe(("q", "Europe/Berlin", "s"));
        (edited["policy"]!["retries"]!.GetValue<int>(), edited["policy"]!["max_runs"]!.GetValue<int>(), edited["version"]!.GetValue<int>()).ShouldBe((7, 9, 2));
        edited["next_fire"]!.GetValue<string>().ShouldBe("2026-03-02T09:00:00.000Z");

        var whole = (await _bench.AskAsync(HttpMethod.Put, $"{Jobs}/a", """{"prompt":"q","schedule":"0 10 * * *","timezone":"UTC","session_id":null,"policy":{"overlap":"parallel"}}"""))["job"]!;
        (whole["session_id"], whole["policy"]!["max_runs"]).ShouldBe((null, null));
        (whole["policy"]!["retries"]!.GetValue<int>(), whole["policy"]!["overlap"]!.GetValue<string>()).ShouldBe((3, "parallel"));
    }

    [Fact]
    public async Task Replace_AChangeCameBetween_IsRefusedWithAVersionAndTakenInWithout()
    {
        await _bench.AddAsync(Daily);
        var changed = _bench.Desk.Meanwhile = async () =>
        {
            var job = (await _bench.Desk.Store.GetAsync("plants"))!;
            await _bench.Desk.Store.UpdateAsync("plants", new JobEdit(job.Prompt, job.Schedule, job.Timezone, "other", job.Policy, job.NextFire), job.Version);
        };
        const string Edit = """{"prompt":"water them","schedule":"0 9 * * *","version":1}""";
        (await _bench.AskAsync(HttpMethod.Put, $"{Jobs}/plants", Edit, HttpStatusCode.Conflict))["code"]!.GetValue<string>().ShouldBe("job_changed");

        _bench.Desk.Meanwhile = async () =>
        {
            await changed();
            await _bench.Desk.Store.UpdateAsync("plants", new JobEdit("x", "@daily", "Asia/Tokyo", "third", new JobPolicy { Retries = 9 }, _bench.Desk.Fixture.In(60)), 3);
        };
        var edited = (await _bench.AskAsync(HttpMethod.Put, $"{Jobs}/plants", Edit.Replace(""","version":1""", "")))["job"]!;
        (edited["prompt"]!.GetValue<string>(), edited["timezone"]!.GetValue<string>(), edited["session_id"]!.GetValue<string>(), edited["policy"]!["retries"]!.GetValue<int>())
            .ShouldBe(("water them", "Asia/Tokyo", "third", 9), "what was left out is the other's");
    }

    [Theory]
    [InlineData("""{"prompt":"q","schedule":"0 99 * * *"}""", "wrong_field")]
    [InlineData("""{"prompt":"q","schedule":"@daily","session_id":7}""", "malformed_body")]
    [InlineData("""{"prompt":"q","schedule":"@daily","job_id":"b"}""", "malformed_body")]
    [InlineData("""{"prompt":"q"}""", "missing_field")]
    [InlineData("""{"prompt":"q","schedule":"@daily","policy":{"retries":-1}}""", "bad_policy")]
    public async Task Replace_SomethingWrong_LeavesTheJob(string body, string code)
    {
        await _bench.AddAsync(Daily);
        (await _bench.AskAsync(HttpMethod.Put, $"{Jobs}/plants", body, HttpStatusCode.BadRequest))["code"]!.GetValue<string>().ShouldBe(code);
        (await _bench.Desk.Store.GetAsync("plants"))!.ShouldSatisfyAllConditions(j => j.Version.ShouldBe(1), j => j.Prompt.ShouldBe("water the plants"));
    }

    [Fact]
    public async Task Job_PausedResumedRunAndDeleted_EachIsAnswered()
    {
        await _bench.AddAsync(Daily);
        var paused = (await _bench.AskAsync(HttpMethod.Post, $"{Jobs}/plants/pause"))["job"]!;
        (paused["state"]!.GetValue<string>(), paused["enabled"]!.GetValue<bool>(), paused["paused_reason"]!.GetValue<string>(), paused["next_fire"]).ShouldBe(("paused", false, "paused", null));
        var resumed = (await _bench.AskAsync(HttpMethod.Post, $"{Jobs}/plants/resume"))["job"]!;
        (resumed["state"]!.GetValue<string>(), resumed["next_fire"]!.GetValue<string>()).ShouldBe(("active", "2026-03-02T08:00:00.000Z"));

        var run = (await _bench.AskAsync(HttpMethod.Post, $"{Jobs}/plants/run", expected: HttpStatusCode.Accepted))["run"]!;
        (run["job_id"]!.GetValue<string>(), run["status"]!.GetValue<string>(), run["reason"]!.GetValue<string>(), run["due_at"]!.GetValue<string>())
            .ShouldBe(("plants", "claimed", "run_now", "2026-03-01T12:00:00.000Z"));
        (await _bench.AskAsync(HttpMethod.Delete, $"{Jobs}/plants")).ToJsonString().ShouldBe("""{"id":"plants","canceled":true}""");
        (await _bench.AskAsync(HttpMethod.Get, $"{Jobs}/plants", expected: HttpStatusCode.NotFound))["code"]!.GetValue<string>().ShouldBe("job_not_found");
    }

    [Fact]
    public async Task Runs_MoreThanAPage_FollowTheCursor()
    {
        await _bench.AddAsync("""{"prompt":"p","schedule":"every 1m","job_id":"a"}""");
        for (var i = 0; i < 3; i++)
        {
            var run = await _bench.Desk.Fixture.ClaimAsync(_bench.Desk.Store, "a");
            await _bench.Desk.Store.StartAsync(run.Id, run.Fence, $"turn{i}");
            await _bench.Desk.Store.FinishAsync(run.Id, run.Fence, i == 1 ? RunStatus.Failed : RunStatus.Done, i == 1 ? "no model" : null, i == 1 ? _bench.Desk.Fixture.In(1) : null);
        }

        var first = await _bench.AskAsync(HttpMethod.Get, $"{Jobs}/a/runs?limit=2");
        var failed = first["items"]![1]!;
        (failed["due_at"]!.GetValue<string>(), failed["status"]!.GetValue<string>(), failed["turn_id"]!.GetValue<string>(), failed["error"]!.GetValue<string>(), failed["retry_at"]!.GetValue<string>())
            .ShouldBe(("2026-03-01T12:02:00.000Z", "failed", "turn1", "no model", "2026-03-01T12:03:00.000Z"));
        var second = await _bench.AskAsync(HttpMethod.Get, $"{Jobs}/a/runs?limit=2&cursor={first["next"]}");
        second["items"]!.AsArray().Select(i => i!["turn_id"]!.GetValue<string>()).ShouldBe(["turn0"]);
        second["next"].ShouldBeNull();
    }

    [Fact]
    public async Task List_MoreThanAPage_FollowsTheCursor()
    {
        for (var i = 0; i < 3; i++)
        {
            await _bench.AddAsync($$"""{"prompt":"p{{i}}","schedule":"every 1m","job_id":"job{{i}}"}""");
        }

        var first = await _bench.AskAsync(HttpMethod.Get, $"{Jobs}?limit=2");
        first["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()).ShouldBe(["job2", "job1"]);
        var second = await _bench.AskAsync(HttpMethod.Get, $"{Jobs}?limit=2&cursor={first["next"]}");
        second["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()).ShouldBe(["job0"]);
        second["next"].ShouldBeNull();
    }

    [Theory]
    [InlineData("?limit=0", "bad_limit")]
    [InlineData("?limit=501", "bad_limit")]
    [InlineData("?cursor=x", "bad_cursor")]
    [InlineData("/a/runs?cursor=x", "bad_cursor")]
    [InlineData("/a/runs?limit=x", "bad_limit")]
    public async Task List_BadPage_NamesIt(string path, string code)
    {
        await _bench.AddAsync("""{"prompt":"p","schedule":"every 1m","job_id":"a"}""");
        (await _bench.AskAsync(HttpMethod.Get, Jobs + path, expected: HttpStatusCode.BadRequest))["code"]!.GetValue<string>().ShouldBe(code);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("PUT", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/pause")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/run")]
    [InlineData("GET", "/runs")]
    public async Task Job_Unknown_Is404(string method, string rest)
    {
        var problem = await _bench.AskAsync(new HttpMethod(method), $"{Jobs}/nobody{rest}", method == "PUT" ? Daily.Replace(""","job_id":"plants" """.Trim(), "") : null, HttpStatusCode.NotFound);
        problem["code"]!.GetValue<string>().ShouldBe("job_not_found");
    }

    [Theory]
    [InlineData("POST", "", Daily)]
    [InlineData("PUT", "/a", """{"prompt":"q","schedule":"@daily"}""")]
    [InlineData("DELETE", "/a", null)]
    [InlineData("POST", "/a/pause", null)]
    [InlineData("POST", "/a/resume", null)]
    [InlineData("POST", "/a/run", null)]
    public async Task Write_WhereAnotherHoldsTheSchedule_Is409AndReadsServe(string method, string path, string? body)
    {
        await _bench.AddAsync("""{"prompt":"p","schedule":"every 1m","job_id":"a"}""");
        _bench.Desk.NotOwned = new SchedulerNotOwnedException(null, "The schedule is held by process 4711.");
        var problem = await _bench.AskAsync(new HttpMethod(method), Jobs + path, body, HttpStatusCode.Conflict);
        (problem["code"]!.GetValue<string>(), problem["detail"]!.GetValue<string>()).ShouldBe(("scheduler_not_owned", "The schedule is held by process 4711."));
        (await _bench.AskAsync(HttpMethod.Get, Jobs))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_AnotherJobsId_IsAConflict()
    {
        await _bench.AddAsync(Daily);
        var problem = await _bench.AskAsync(HttpMethod.Post, Jobs, Daily.Replace("water", "burn"), HttpStatusCode.Conflict);
        problem["code"]!.GetValue<string>().ShouldBe("job_conflict");
    }

    [Fact]
    public async Task Preview_ASchedule_SaysHowItIsUnderstood()
    {
        (await _bench.AskAsync(HttpMethod.Post, "/api/scheduler/preview", """{"schedule":"0 9 * * mon","timezone":"america/new_york","count":2}""")).ToJsonString().ShouldBe(
            """{"schedule":"0 9 * * MON","timezone":"America/New_York","recurs":true,"next":["2026-03-02T14:00:00.000Z","2026-03-09T13:00:00.000Z"]}""");
        (await _bench.AskAsync(HttpMethod.Post, "/api/scheduler/preview", """{"schedule":"@hourly"}"""))["next"]!.AsArray().Count.ShouldBe(5);
        (await _bench.AskAsync(HttpMethod.Post, "/api/scheduler/preview", """{"schedule":"2026-02-01T09:00"}""")).ToJsonString().ShouldBe(
            """{"schedule":"2026-02-01T09:00:00","timezone":"UTC","recurs":false,"next":[]}""");
        (await _bench.Desk.Store.CountAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("{}", "missing_field", "schedule")]
    [InlineData("""{"schedule":"61 * * * *"}""", "wrong_field", "schedule")]
    [InlineData("""{"schedule":"@hourly","timezone":"Moon/Base"}""", "unknown_timezone", "timezone")]
    [InlineData("""{"schedule":"@hourly","count":101}""", "bad_count", "count")]
    [InlineData("""{"schedule":"@hourly","prompt":"p"}""", "malformed_body", "prompt")]
    public async Task Preview_SomethingWrong_NamesIt(string body, string code, string field)
    {
        var problem = await _bench.AskAsync(HttpMethod.Post, "/api/scheduler/preview", body, HttpStatusCode.BadRequest);
        (problem["code"]!.GetValue<string>(), problem["field"]!.GetValue<string>()).ShouldBe((code, field));
    }
}
