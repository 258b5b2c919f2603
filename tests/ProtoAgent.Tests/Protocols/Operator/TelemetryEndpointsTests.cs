using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Telemetry;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class TelemetryEndpointsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private TelemetryStore _store = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await TelemetryStore.OpenAsync(_folder.Paths(), NullLogger<TelemetryStore>.Instance);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        TelemetryEndpoints.Map(_app, () => _store, new FakeTimeProvider(s_noon));
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Summary_SomeTurns_OfTheDaysAskedFor()
    {
        await _store.RecordAsync(Turn("a", s_noon.AddHours(-1)) with { FirstToken = TimeSpan.FromMilliseconds(7), InputTokens = 10, OutputTokens = 5, CostUsd = 0.5, ToolCalls = 1 });
        await _store.RecordAsync(Turn("b", s_noon.AddDays(-3)) with { Status = "failed", ErrorCode = "model_timeout" });

        (await GetAsync("/api/telemetry/summary?days=2")).ToJsonString().ShouldBe(
            """
            {"since":"2026-02-27T12:00:00.000Z","total":{"name":"total","turns":1,"failed":0,"tool_calls":1,"tool_errors":0,"input_tokens":10,"output_tokens":5,"cost_usd":0.5,"duration_ms":{"p50":12,"p95":12},"first_token_ms":{"p50":7,"p95":7}},
            "models":[{"name":"gpt","turns":1,"failed":0,"tool_calls":1,"tool_errors":0,"input_tokens":10,"output_tokens":5,"cost_usd":0.5,"duration_ms":{"p50":12,"p95":12},"first_token_ms":{"p50":7,"p95":7}}],
            "days":[{"name":"2026-03-01","turns":1,"failed":0,"tool_calls":1,"tool_errors":0,"input_tokens":10,"output_tokens":5,"cost_usd":0.5,"duration_ms":{"p50":12,"p95":12},"first_token_ms":{"p50":7,"p95":7}}]}
            """.ReplaceLineEndings(""));
        (await GetAsync("/api/telemetry/summary"))["total"]!["failed"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Recent_MoreThanAPage_FollowsTheCursor()
    {
        for (var i = 0; i < 3; i++)
        {
            await _store.RecordAsync(Turn($"t{i}", s_noon.AddMinutes(i)));
        }

        var first = await GetAsync("/api/telemetry/recent?limit=2");
        first["items"]![0]!.ToJsonString().ShouldBe(
            """{"turn_id":"t2","session_id":"thread","origin":"operator","model":"gpt","status":"done","error_code":null,"started_at":"2026-03-01T12:02:00.000Z","duration_ms":12,"first_token_ms":null,"rounds":0,"tool_calls":0,"tool_errors":0,"input_tokens":null,"output_tokens":null,"cost_usd":null,"fallbacks":0}""");
        var second = await GetAsync($"/api/telemetry/recent?limit=2&cursor={first["next"]}");
        second["items"]!.AsArray().Select(i => i!["turn_id"]!.GetValue<string>()).ShouldBe(["t0"]);
        second["next"].ShouldBeNull();
    }

    [Theory]
    [InlineData("summary?days=0", "bad_days", "days must be a whole number from 1 to 36500")]
    [InlineData("summary?days=x", "bad_days", "days must be")]
    [InlineData("recent?limit=501", "bad_limit", "limit must be a whole number from 1 to 500")]
    [InlineData("recent?limit=-1", "bad_limit", "limit must be")]
    [InlineData("recent?cursor=x", "bad_cursor", "Leave it out for the first page")]
    public async Task Get_BadValue_NamesIt(string path, string code, string message)
    {
        var answer = await _client.GetAsync($"/api/telemetry/{path}");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        problem["code"]!.GetValue<string>().ShouldBe(code);
        problem["detail"]!.GetValue<string>().ShouldContain(message);
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _client.GetStringAsync(path))!;

    private static TurnTelemetry Turn(string id, DateTimeOffset at) => new(id, "thread", "operator", "gpt", "done", null, at, TimeSpan.FromMilliseconds(12));
}
