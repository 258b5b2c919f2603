using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Tests.Agent.Scheduling;
using Shouldly;

namespace ProtoAgent.Tests.Protocols.Operator;

/// <summary>The routes of jobs on a port of their own, over a desk with a real store. It is noon of 2026-03-01, UTC, a Sunday.</summary>
internal sealed class JobBench : IAsyncDisposable
{
    private readonly WebApplication _app;

    private JobBench(TestDesk desk, WebApplication app)
    {
        (Desk, _app) = (desk, app);
        Http.BaseAddress = new Uri(app.Urls.Single());
    }

    public TestDesk Desk { get; }

    public HttpClient Http { get; } = new();

    public static async Task<JobBench> StartAsync()
    {
        var desk = await TestDesk.OpenAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        app.UseRouting();
        JobEndpoints.Map(app, desk, desk.Fixture.Time);
        await app.StartAsync();
        return new JobBench(desk, app);
    }

    /// <summary>The body as written; status and what came back.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>What came back, which must be of that status.</summary>
    public async Task<JsonNode> AskAsync(HttpMethod method, string path, string? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var (status, answer) = await SendAsync(method, path, body);
        status.ShouldBe(expected, answer.ToJsonString());
        return answer;
    }

    public Task<JsonNode> AddAsync(string body) => AskAsync(HttpMethod.Post, "/api/scheduler/jobs", body, HttpStatusCode.Created);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Desk.DisposeAsync();
    }
}
