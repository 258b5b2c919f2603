using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Network;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Tests.Agent.Knowledge;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class KnowledgeEndpointsTests : IAsyncLifetime
{
    private readonly KnowledgeBench _bench = new();
    private readonly HttpClient _http = new();
    private readonly FencedClient _web = new(new NetworkFence(new NetworkOptions()), TimeProvider.System);
    private WebApplication _app = null!;
    private IngestRunner _ingests = null!;

    public async ValueTask InitializeAsync()
    {
        var knowledge = await _bench.OpenAsync(options: new KnowledgeOptions { MaxDocumentBytes = 100_000 });
        _ingests = _bench.Runner(knowledge);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        KnowledgeEndpoints.Map(_app, new KnowledgeDoor(knowledge, _ingests, new WebSource(_web, knowledge.Options)));
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _bench.DisposeAsync();
        _web.Dispose();
    }

    [Fact]
    public async Task Chunks_AddedFoundChangedAndDeleted()
    {
        var added = await SendAsync(HttpMethod.Post, "/api/knowledge/chunks", new JsonObject { ["content"] = "Harbour dues are paid in June.", ["domain"] = "money", ["heading"] = "Dues" }, HttpStatusCode.Created);
        ((string)added["trust"]!, (string)added["outcome"]!, (string)added["namespace"]!).ShouldBe(("operator", "added", ""));
        var id = (long)added["id"]!;
        var again = await SendAsync(HttpMethod.Post, "/api/knowledge/chunks", new JsonObject { ["content"] = "Harbour dues are paid in June!", ["domain"] = "money" }, HttpStatusCode.OK);
        ((string)again["outcome"]!, (long)again["id"]!).ShouldBe(("duplicate", id));

        var hits = JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/search?q=harbour+dues&k=3&domain=money"))!.AsArray();
        hits.Count.ShouldBe(1);
        ((double)hits[0]!["score"]!).ShouldBeGreaterThan(0);
        hits[0]!.AsObject().ContainsKey("source_type").ShouldBeTrue();
        JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/search?q=harbour&domain=other"))!.AsArray().ShouldBeEmpty();

        (await SendAsync(HttpMethod.Put, $"/api/knowledge/chunks/{id}", new JsonObject { ["content"] = "Harbour dues are paid in July." }, HttpStatusCode.OK))["id"]!.GetValue<long>().ShouldBe(id);
        ((string)(await SendAsync(HttpMethod.Get, $"/api/knowledge/chunks/{id}", null, HttpStatusCode.OK))["content"]!).ShouldContain("July");
        await SendAsync(HttpMethod.Delete, $"/api/knowledge/chunks/{id}", null, HttpStatusCode.NoContent);
        ((string)(await SendAsync(HttpMethod.Get, $"/api/knowledge/chunks/{id}", null, HttpStatusCode.NotFound))["code"]!).ShouldBe("chunk_not_found");
    }

    [Fact]
    public async Task Chunks_Revised_ShowTheEarlierVersion()
    {
        const string Said = "The staging server is restarted every Monday at six in the morning by operations and nobody is asked";
        var first = await SendAsync(HttpMethod.Post, "/api/knowledge/chunks", new JsonObject { ["content"] = Said }, HttpStatusCode.Created);
        var later = await SendAsync(HttpMethod.Post, "/api/knowledge/chunks", new JsonObject { ["content"] = Said.Replace("Monday at six", "Friday at ten") }, HttpStatusCode.Created);
        ((string)later["outcome"]!, (long)later["supersedes"]!).ShouldBe(("revised", (long)first["id"]!));
        var shown = await SendAsync(HttpMethod.Get, $"/api/knowledge/chunks/{later["id"]}", null, HttpStatusCode.OK);
        ((string)shown["earlier"]![0]!["content"]!, (string)shown["earlier"]![0]!["invalidation"]!).ShouldBe((Said, "superseded"));
    }

    [Fact]
    public async Task Ingest_AFile_GoneAndBackByItsSource()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("notes"), "domain" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("# Tides\n\nHigh water is at noon.")), "file", "tides.md" },
        };
        using var posted = await _http.PostAsync("/api/knowledge/ingest", form);
        var started = JsonNode.Parse(await posted.Content.ReadAsStringAsync())!;
        posted.StatusCode.ShouldBe(HttpStatusCode.Accepted, started.ToString());
        var done = await DoneAsync((string)started["ingest_id"]!);
        ((string)done["status"]!, (long)done["chunks_added"]!).ShouldBe(("done", 1));

        var source = JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/sources"))!["items"]!.AsArray().Single()!;
        ((string)source["source"]!, (string)source["title"]!, (string)source["source_type"]!, (string)source["domain"]!, (long)source["chunks"]!).ShouldBe(("tides.md", "Tides", "markdown", "notes", 1));
        var named = new JsonObject { ["source"] = "tides.md" };
        ((long)(await SendAsync(HttpMethod.Post, "/api/knowledge/delete-by-source", named.DeepClone(), HttpStatusCode.OK))["chunks"]!).ShouldBe(1);
        JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/search?q=noon"))!.AsArray().ShouldBeEmpty();
        ((long)(await SendAsync(HttpMethod.Post, "/api/knowledge/restore-by-source", named, HttpStatusCode.OK))["chunks"]!).ShouldBe(1);
        JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/search?q=noon"))!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Ingest_ATextAndAPrivatePage_TheTextIsInThePageIsRefusedByTheFence()
    {
        var text = await SendAsync(HttpMethod.Post, "/api/knowledge/ingest", new JsonObject { ["text"] = "Anchors weigh a ton.", ["title"] = "Anchors" }, HttpStatusCode.Accepted);
        ((string)(await DoneAsync((string)text["ingest_id"]!))["status"]!).ShouldBe("done");
        var page = await SendAsync(HttpMethod.Post, "/api/knowledge/ingest", new JsonObject { ["url"] = _app.Urls.Single() }, HttpStatusCode.Accepted);
        var failed = await DoneAsync((string)page["ingest_id"]!);
        ((string)failed["status"]!).ShouldBe("failed");
        ((string)failed["error"]!).ShouldContain("127.0.0.1");
        JsonNode.Parse(await _http.GetStringAsync("/api/knowledge/ingest"))!["items"]!.AsArray().Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("POST", "/api/knowledge/chunks", "{}", HttpStatusCode.BadRequest, "missing_field")]
    [InlineData("POST", "/api/knowledge/chunks", """{"content":"x","trust":"all"}""", HttpStatusCode.BadRequest, "bad_trust")]
    [InlineData("POST", "/api/knowledge/chunks", """{"content":"x","domain":""}""", HttpStatusCode.BadRequest, "knowledge_invalid")]
    [InlineData("POST", "/api/knowledge/chunks", """{"content":"<think>x</think>"}""", HttpStatusCode.BadRequest, "only_reasoning")]
    [InlineData("PUT", "/api/knowledge/chunks/7", """{"domain":"x"}""", HttpStatusCode.NotFound, "chunk_not_found")]
    [InlineData("GET", "/api/knowledge/chunks/x", null, HttpStatusCode.NotFound, "chunk_not_found")]
    [InlineData("GET", "/api/knowledge/search?q=x&k=0", null, HttpStatusCode.BadRequest, "bad_k")]
    [InlineData("GET", "/api/knowledge/chunks?cursor=x", null, HttpStatusCode.BadRequest, "bad_cursor")]
    [InlineData("POST", "/api/knowledge/ingest", "{}", HttpStatusCode.BadRequest, "missing_field")]
    [InlineData("POST", "/api/knowledge/ingest", """{"text":"x"}""", HttpStatusCode.BadRequest, "missing_field")]
    [InlineData("POST", "/api/knowledge/ingest", """{"url":"file:///etc/passwd"}""", HttpStatusCode.BadRequest, "bad_url")]
    [InlineData("GET", "/api/knowledge/ingest/x", null, HttpStatusCode.NotFound, "ingest_not_found")]
    [InlineData("DELETE", "/api/knowledge/ingest/x", null, HttpStatusCode.NotFound, "ingest_not_found")]
    [InlineData("POST", "/api/knowledge/delete-by-source", "{}", HttpStatusCode.BadRequest, "missing_field")]
    public async Task Request_Wrong_RefusedWithTheReason(string method, string path, string? body, HttpStatusCode status, string code) =>
        ((string)(await SendAsync(new HttpMethod(method), path, body is null ? null : JsonNode.Parse(body), status))["code"]!).ShouldBe(code);

    [Fact]
    public async Task Ingest_TooLarge_Refused()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[150_000]), "file", "big.txt" } };
        using var answer = await _http.PostAsync("/api/knowledge/ingest", form);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    private async Task<JsonNode> DoneAsync(string id)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var state = JsonNode.Parse(await _http.GetStringAsync($"/api/knowledge/ingest/{id}", late.Token))!;
            if ((string)state["status"]! is not ("queued" or "running"))
            {
                return state;
            }
        }
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonNode? body, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
