using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Tests.Agent.Memory;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class MemoryEndpointsTests : IAsyncLifetime
{
    private readonly MemoryBench _bench = new();
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        await _bench.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        MemoryEndpoints.Map(_app, new MemoryDoor(_bench.Sessions, _bench.Facts, _bench.Injections, _bench.Knowledge));
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Sessions_ListedShownAndForgotten()
    {
        (await GetAsync("/api/memory/sessions"))["items"]!.AsArray().ShouldBeEmpty();
        foreach (var id in new[] { "a", "b/c", "d%2F" })
        {
            await _bench.SayAsync($"about {id}", thread: id);
            _bench.Turns.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var page = await GetAsync("/api/memory/sessions?limit=2");
        page["items"]!.AsArray().Select(s => (string)s!["session_id"]!).ShouldBe(["d%2F", "b/c"]);
        ((string)(await GetAsync($"/api/memory/sessions?limit=2&cursor={page["next"]}"))["items"]![0]!["topic"]!).ShouldBe("about a");
        foreach (var id in new[] { "b/c", "d%2F" })
        {
            var one = await GetAsync($"/api/memory/sessions/{Uri.EscapeDataString(id)}");
            ((string)one["messages"]![0]!["content"]!, (string)one["final_output"]!, (string)one["surface"]!, (string)one["timestamp"]!).ShouldBe(
                ($"about {id}", "very well", "operator", id == "b/c" ? "2026-03-01T12:00:01.000Z" : "2026-03-01T12:00:02.000Z"));
        }

        await SendAsync(HttpMethod.Delete, "/api/memory/sessions/b%2Fc", null, HttpStatusCode.NoContent);
        ((string)(await SendAsync(HttpMethod.Delete, "/api/memory/sessions/b%2Fc", null, HttpStatusCode.NotFound))!["code"]!).ShouldBe("session_not_remembered");
        (await GetAsync("/api/memory/sessions"))["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Hot_AddedChangedAndTakenOut_NothingElseIsReachedThroughIt()
    {
        (await GetAsync("/api/memory/hot"))["items"]!.AsArray().ShouldBeEmpty();
        File.Exists(_bench.Turns.Paths.Knowledge).ShouldBeFalse("a look makes no file");
        var added = (await SendAsync(HttpMethod.Post, "/api/memory/hot", new JsonObject { ["content"] = "Call the user Ada.", ["heading"] = "Name" }, HttpStatusCode.Created))!;
        ((string)added["trust"]!, (string)added["heading"]!).ShouldBe(("operator", "Name"));
        await SendAsync(HttpMethod.Post, "/api/memory/hot", new JsonObject { ["content"] = "Call the user Ada!", ["heading"] = "Name" }, HttpStatusCode.OK);
        var agents = (await _bench.Knowledge.AddAsync(new NewChunk("The moon is made of rock.", ChunkTrust.Agent, Domain: "hot"))).Chunk;
        ((string)(await SendAsync(HttpMethod.Put, $"/api/memory/hot/{agents.Id}", new JsonObject { ["content"] = "The moon is far." }, HttpStatusCode.OK))!["trust"]!).ShouldBe("operator", "who edits it stands for it");
        (await GetAsync("/api/memory/hot"))["items"]!.AsArray().Select(f => (string)f!["content"]!).ShouldBe(["The moon is far.", "Call the user Ada."]);
        var other = (await _bench.Knowledge.AddAsync(new NewChunk("No hot one.", ChunkTrust.Agent))).Chunk;
        foreach (var id in new[] { $"{other.Id}", "999", "x", "-1" })
        {
            ((string)(await SendAsync(HttpMethod.Delete, $"/api/memory/hot/{id}", null, HttpStatusCode.NotFound))!["code"]!).ShouldBe("hot_fact_not_found");
            await SendAsync(HttpMethod.Put, $"/api/memory/hot/{id}", new JsonObject { ["content"] = "y" }, HttpStatusCode.NotFound);
        }

        await SendAsync(HttpMethod.Delete, $"/api/memory/hot/{agents.Id}", null, HttpStatusCode.NoContent);
        (await GetAsync("/api/memory/hot"))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Injections_OfASessionAndOfAll()
    {
        await _bench.Knowledge.AddAsync(new NewChunk("Call the user Ada.", ChunkTrust.Operator, Domain: "hot"));
        await _bench.SayAsync("hello", thread: "a");
        await _bench.SayAsync("hello", thread: "b");
        var one = (await GetAsync("/api/memory/injections?session_id=b"))["items"]!.AsArray().Single()!;
        one["items"]!.AsArray().Select(i => $"{i!["kind"]} {i["id"]} {i["trust"]}").ShouldBe(["hot 1 operator", "session a "]);
        (await GetAsync("/api/memory/injections"))["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Harvest_NowAndWhatTheModelRefuses()
    {
        await SendAsync(HttpMethod.Post, "/api/memory/sessions/none/harvest", null, HttpStatusCode.NotFound);
        await _bench.SayAsync("My boat is called Amaranth, remember that.");
        var failing = SendAsync(HttpMethod.Post, "/api/memory/sessions/t/harvest", null, HttpStatusCode.BadGateway);
        (await _bench.Cheap.NextAsync()).Fail(new HttpRequestException("away"));
        ((string)(await failing)!["code"]!).ShouldBe("model_unreachable");
        var harvest = SendAsync(HttpMethod.Post, "/api/memory/sessions/t/harvest", null, HttpStatusCode.OK);
        (await _bench.Cheap.NextAsync()).Answer("- The boat is called Amaranth.");
        ((int)(await harvest)!["facts"]!).ShouldBe(1);
        (await _bench.KnownAsync(FactHarvest.Domain)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("GET", "/api/memory/sessions?limit=0", null, HttpStatusCode.BadRequest, "bad_limit")]
    [InlineData("GET", "/api/memory/sessions?cursor=x", null, HttpStatusCode.BadRequest, "bad_cursor")]
    [InlineData("GET", "/api/memory/injections?cursor=x", null, HttpStatusCode.BadRequest, "bad_cursor")]
    [InlineData("GET", "/api/memory/sessions/none", null, HttpStatusCode.NotFound, "session_not_remembered")]
    [InlineData("GET", "/api/memory/sessions/..%2F..%2Fcheckpoints.db", null, HttpStatusCode.NotFound, "session_not_remembered")]
    [InlineData("POST", "/api/memory/hot", "{}", HttpStatusCode.BadRequest, "missing_field")]
    [InlineData("POST", "/api/memory/hot", """{"content":"<think>hm"}""", HttpStatusCode.BadRequest, "only_reasoning")]
    [InlineData("POST", "/api/memory/hot", "[", HttpStatusCode.BadRequest, "malformed_body")]
    public async Task Requests_ThatCannotBe_AreRefusedByName(string method, string path, string? body, HttpStatusCode status, string code) =>
        ((string)(await SendAsync(new HttpMethod(method), path, body, status))!["code"]!).ShouldBe(code);

    [Fact]
    public async Task Hot_TooLong_RefusedWithTheBound() =>
        ((string)(await SendAsync(HttpMethod.Post, "/api/memory/hot", new JsonObject { ["content"] = new string('x', 501) }, HttpStatusCode.BadRequest))!["detail"]!).ShouldContain("500");

    private async Task<JsonNode> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK))!;

    private Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode status) => SendAsync(method, path, body?.ToJsonString(), status);

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, string? body, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, $"{method} {path}: {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
