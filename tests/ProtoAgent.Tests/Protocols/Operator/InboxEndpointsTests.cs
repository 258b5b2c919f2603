using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Tests.Agent.Inbox;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class InboxEndpointsTests : IAsyncLifetime
{
    private readonly InboxBench _bench = new() { Options = new InboxOptions { StormLimit = 5 } };
    private ApiBench _api = null!;

    public async ValueTask InitializeAsync()
    {
        await _bench.StartAsync();
        _api = await ApiBench.StartAsync(new HttpOptions(), routes =>
        {
            InboxEndpoints.Map(routes, _bench.Inbox);
            ActivityEndpoints.Map(routes, _bench.Activity);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Post_AnItem_IsCreatedAndListed()
    {
        (await _api.SendAsync(HttpMethod.Get, "/api/inbox")).Body!.ToJsonString().ShouldBe("""{"items":[],"next":null}""");
        var (status, posted) = await PostAsync("""{"text":"one","source":"ci","dedup_key":"k"}""");
        status.ShouldBe(HttpStatusCode.Created);
        var id = (string)posted!["item"]!["id"]!;
        posted.ToJsonString().ShouldBe(
            $$$"""{"item":{"id":"{{{id}}}","text":"one","priority":"next","source":"ci","dedup_key":"k","status":"pending","created_at":"2026-03-01T12:00:00.000Z","delivered_at":null,"turn_id":null,"attempts":0,"last_error":null,"due_at":null}}""");

        var (again, duplicate) = await PostAsync("""{"text":"other words","dedup_key":"k"}""");
        again.ShouldBe(HttpStatusCode.OK);
        ((bool)duplicate!["deduplicated"]!, (string)duplicate["item"]!["id"]!).ShouldBe((true, id));

        await PostAsync("""{"text":"two","priority":"later"}""");
        (await TextsAsync("")).ShouldBe(["one"]);
        (await TextsAsync("?priority_floor=now")).ShouldBeEmpty();
        (await TextsAsync("?priority_floor=later")).ShouldBe(["one", "two"]);
        var first = (await _api.SendAsync(HttpMethod.Get, "/api/inbox?priority_floor=later&limit=1")).Body!;
        (await TextsAsync($"?priority_floor=later&limit=1&cursor={first["next"]}")).ShouldBe(["two"]);
    }

    [Fact]
    public async Task Deliver_AndDelete_AnItem()
    {
        var id = (string)(await PostAsync("""{"text":"one"}""")).Body!["item"]!["id"]!;
        var (status, delivered) = await _api.SendAsync(HttpMethod.Post, $"/api/inbox/{id}/deliver");
        (status, (string)delivered!["item"]!["status"]!, (string)delivered["item"]!["delivered_at"]!).ShouldBe((HttpStatusCode.OK, "delivered", "2026-03-01T12:00:00.000Z"));
        (await TextsAsync("")).ShouldBeEmpty();
        (await TextsAsync("?include_delivered=true")).ShouldBe(["one"]);
        (await _api.SendAsync(HttpMethod.Get, $"/api/inbox/{id}")).Body!.ToJsonString().ShouldBe(delivered.ToJsonString());
        (await _api.SendAsync(HttpMethod.Delete, $"/api/inbox/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        foreach (var (method, path) in new[] { (HttpMethod.Get, $"/api/inbox/{id}"), (HttpMethod.Delete, $"/api/inbox/{id}"), (HttpMethod.Post, $"/api/inbox/{id}/deliver") })
        {
            var (gone, problem) = await _api.SendAsync(method, path);
            (gone, (string)problem!["code"]!).ShouldBe((HttpStatusCode.NotFound, "inbox_item_not_found"));
        }
    }

    [Fact]
    public async Task Post_AStorm_IsRefusedWithTheNoticesWords()
    {
        for (var i = 0; i < 5; i++)
        {
            await PostAsync("""{"text":"x","source":"ci"}""");
        }

        using var answer = await _api.Http.PostAsync("/api/inbox", new StringContent("""{"text":"x","source":"ci"}""", System.Text.Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(1));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((string)problem["code"]!).ShouldBe("inbox_storm");
        ((string)problem["detail"]!).ShouldStartWith("1 item from 'ci' refused and not kept");
        (await PostAsync("""{"text":"x","source":"other"}""")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("""{"priority":"next"}""", "missing_field", "'text'")]
    [InlineData("""{"text":" "}""", "missing_field", "'text'")]
    [InlineData("""{"text":"x","priority":"soon"}""", "bad_priority", "priority must be now, next or later")]
    [InlineData("""{"text":"x","source":"inbox"}""", "bad_source", "is the inbox's own")]
    [InlineData("""{"text":"x","dedup_key":"a\nb"}""", "bad_dedup_key", "none of them a control character")]
    [InlineData("""{"text":5}""", "malformed_body", "'text'")]
    public async Task Post_Wrongly_NamesTheField(string body, string code, string message) => Refused(await PostAsync(body), code, message);

    [Theory]
    [InlineData("/api/inbox?priority_floor=x", "bad_priority_floor", "now, next or later")]
    [InlineData("/api/inbox?include_delivered=1", "bad_include_delivered", "true or false")]
    [InlineData("/api/inbox?limit=0", "bad_limit", "1 to 500")]
    [InlineData("/api/inbox?cursor=x", "bad_cursor", "Leave it out")]
    [InlineData("/api/activity?limit=501", "bad_limit", "1 to 500")]
    [InlineData("/api/activity?cursor=x", "bad_cursor", "Leave it out")]
    [InlineData("/api/activity?origin=me", "bad_origin", "scheduler, inbox, a2a or operator")]
    [InlineData("/api/activity?origin=Inbox", "bad_origin", "scheduler, inbox, a2a or operator")]
    public async Task Get_BadValue_NamesIt(string path, string code, string message) => Refused(await _api.SendAsync(HttpMethod.Get, path), code, message);

    [Fact]
    public async Task Activity_MoreThanAPage_NewestLastAndOlderBehindTheCursor()
    {
        (await _api.SendAsync(HttpMethod.Get, "/api/activity")).Body!.ToJsonString().ShouldBe("""{"items":[],"next":null}""");
        for (var i = 1; i <= 3; i++)
        {
            await _bench.Activity.RecordAsync(new NewActivity(ActivityOrigin.Scheduler, "job_done", $"line {i}") { ThreadId = ActivityLog.ThreadId, TurnId = "t", JobId = "j" });
        }

        var page = (await _api.SendAsync(HttpMethod.Get, "/api/activity?limit=2")).Body!;
        page["items"]!.AsArray().Select(l => (string)l!["text"]!).ShouldBe(["line 2", "line 3"]);
        page["items"]![0]!.ToJsonString().ShouldBe(
            """{"seq":2,"at":"2026-03-01T12:00:00.000Z","origin":"scheduler","kind":"job_done","text":"line 2","session_id":"system:activity","turn_id":"t","job_id":"j","item_id":null}""");
        var older = (await _api.SendAsync(HttpMethod.Get, $"/api/activity?limit=2&cursor={page["next"]}")).Body!;
        (older["items"]!.AsArray().Select(l => (string)l!["text"]!).Single(), older["next"]).ShouldBe(("line 1", null));
    }

    [Fact]
    public async Task Activity_OfOneOrigin_PageByPageWithoutTheOthers()
    {
        (await _api.SendAsync(HttpMethod.Get, "/api/activity?origin=inbox")).Body!.ToJsonString().ShouldBe("""{"items":[],"next":null}""");
        foreach (var (origin, text) in new[] { (ActivityOrigin.Inbox, "1"), (ActivityOrigin.Scheduler, "2"), (ActivityOrigin.Inbox, "3"), (ActivityOrigin.Operator, "4") })
        {
            await _bench.Activity.RecordAsync(new NewActivity(origin, "turn_done", text));
        }

        var page = (await _api.SendAsync(HttpMethod.Get, "/api/activity?origin=inbox&limit=1")).Body!;
        ((string)page["items"]!.AsArray().Single()!["text"]!).ShouldBe("3");
        var older = (await _api.SendAsync(HttpMethod.Get, $"/api/activity?origin=inbox&limit=1&cursor={page["next"]}")).Body!;
        ((string)older["items"]!.AsArray().Single()!["text"]!, older["next"]).ShouldBe(("1", null));
        (await _api.SendAsync(HttpMethod.Get, "/api/activity?origin=a2a")).Body!["items"]!.AsArray().ShouldBeEmpty();
    }

    private Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string body) => _api.SendAsync(HttpMethod.Post, "/api/inbox", body);

    private async Task<IReadOnlyList<string>> TextsAsync(string query) =>
        [.. (await _api.SendAsync(HttpMethod.Get, $"/api/inbox{query}")).Body!["items"]!.AsArray().Select(i => (string)i!["text"]!)];

    private static void Refused((HttpStatusCode Status, JsonNode? Body) answer, string code, string message)
    {
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        ((string)answer.Body!["code"]!).ShouldBe(code);
        ((string)answer.Body["detail"]!).ShouldContain(message);
    }
}
