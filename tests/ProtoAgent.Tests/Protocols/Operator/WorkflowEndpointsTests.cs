using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Tests.Agent.Workflows;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class WorkflowEndpointsTests : IAsyncLifetime
{
    private const string Yaml = "name: mine\ndescription: d\ninputs: {n: {type: number, default: 3}}\nsteps:\n  - {id: a, prompt: 'a {{inputs.n}}'}\n  - {id: b, gate: human, question: ok?, depends_on: a}\n";

    private readonly WorkflowFixture _fixture = new();
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        await _fixture.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        WorkflowEndpoints.Map(_app, _fixture.Runner);
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Recipes_SavedListedReadAndDeleted()
    {
        (await PutAsync("mine", Yaml)).Status.ShouldBe(HttpStatusCode.Created);
        (await PutAsync("mine", Yaml)).Status.ShouldBe(HttpStatusCode.OK);
        var items = JsonNode.Parse(await _http.GetStringAsync("/api/workflows"))!["items"]!.AsArray();
        items.Select(i => $"{i!["name"]} {i["source"]}").ShouldBe(["deep-research bundled", "mine own", "research-and-brief bundled", "review bundled"]);
        items[1]!["inputs"]!.ToJsonString().ShouldBe("""[{"name":"n","type":"number","required":false,"default":3,"description":""}]""");
        items[1]!["steps"]![1]!["waits_for"]!.ToJsonString().ShouldBe("""["a"]""");
        ((string)JsonNode.Parse(await _http.GetStringAsync("/api/workflows/mine"))!["yaml"]!).ShouldBe(Yaml);
        (await _http.DeleteAsync("/api/workflows/mine")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _http.DeleteAsync("/api/workflows/mine")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync("/api/workflows/mine")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.DeleteAsync("/api/workflows/review")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Recipe_Bad_RefusedWithEveryProblemAndNothingIsKept()
    {
        var (status, body) = await PutAsync("mine", "name: mine\nsteps:\n  - {id: a, prompt: p, depends_on: b}\n  - {id: a, prompt: '{{inputs.x}}'}\n  - {id: b, subagent: nobody, prompt: p}\n");
        status.ShouldBe(HttpStatusCode.BadRequest, body);
        var problem = JsonNode.Parse(body)!;
        ((string)problem["code"]!).ShouldBe("workflow_invalid");
        problem["errors"]!.AsArray().Select(e => (int)e!["line"]!).ShouldBe([4, 4]);
        (status, body) = await PutAsync("mine", "name: mine\nsteps:\n  - {id: b, subagent: nobody, prompt: p}\n");
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.ShouldContain("nobody");
        (await PutAsync("other", Yaml)).Body.ShouldContain("the address says");
        (await PutAsync("mine?check=true", Yaml)).Status.ShouldBe(HttpStatusCode.OK);
        (await _http.GetAsync("/api/workflows/mine")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await PostAsync("/api/workflows/mine/run", "{}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Run_BegunWaitedForAndResumed()
    {
        await PutAsync("mine", Yaml);
        (await PostAsync("/api/workflows/mine/run", """{"inputs":{"n":"many"}}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var (status, body) = await PostAsync("/api/workflows/mine/run", """{"inputs":{"n":4}}""");
        status.ShouldBe(HttpStatusCode.Accepted, body);
        var id = (string)JsonNode.Parse(body)!["run_id"]!;
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("a 4");
        call.Answer("one");
        var run = JsonNode.Parse(await _http.GetStringAsync($"/api/workflows/runs/{id}"))!;
        while ((string)run["status"]! == "running")
        {
            run = JsonNode.Parse(await _http.GetStringAsync($"/api/workflows/runs/{id}?wait=20&version={run["version"]}"))!;
        }

        ((string)run["status"]!).ShouldBe("waiting");
        run["steps"]!.AsArray().Select(s => $"{s!["id"]} {s["status"]} {s["output"]} {s["gate"]?["question"]}".TrimEnd()).ShouldBe(["a done one", "b waiting  ok?"]);
        ((string)run["steps"]![0]!["session_id"]!).ShouldStartWith("task:wf-");
        (await PostAsync($"/api/workflows/runs/{id}/resume", """{"decision":"maybe"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync($"/api/workflows/runs/{id}/resume", """{"step":"a"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync($"/api/workflows/runs/{id}/resume", """{"answer":"fine"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await _fixture.EndAsync(id)).Run.Output.ShouldBe("fine");
        var list = JsonNode.Parse(await _http.GetStringAsync("/api/workflows/runs?status=done&workflow=mine"))!["items"]!.AsArray();
        list.ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe(id);
        (await PostAsync($"/api/workflows/runs/{id}/cancel", "")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync("/api/workflows/runs/none/cancel", "")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync("/api/workflows/runs/none")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync("/api/workflows/runs?status=odd")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _http.GetAsync("/api/workflows/runs?cursor=odd")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<(HttpStatusCode Status, string Body)> PutAsync(string name, string yaml)
    {
        using var answer = await _http.PutAsync($"/api/workflows/{name}", new StringContent(yaml, Encoding.UTF8, "application/yaml"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, string body)
    {
        using var answer = await _http.PostAsync(path, body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
