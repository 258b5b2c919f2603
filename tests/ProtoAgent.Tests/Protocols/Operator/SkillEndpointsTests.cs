using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Tests.Agent.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class SkillEndpointsTests : IAsyncLifetime
{
    private const string Markdown = "text/markdown";

    private readonly SkillBench _bench = new();
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    public SkillEndpointsTests()
    {
        var catalog = _bench.Start(SkillScope.Layered);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        SkillEndpoints.Map(_app, new SkillServices(catalog, new SkillFiles(catalog)));
    }

    public async ValueTask InitializeAsync()
    {
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
    public async Task Skill_PutReadPromotedAndDeleted()
    {
        (await PutAsync("a", SkillBench.Text("a", more: "slash: go\ntools: [x]\n"))).Status.ShouldBe(HttpStatusCode.Created);
        var (status, body) = await PutAsync("a", new JsonObject { ["text"] = SkillBench.Text("a", "two", "slash: go\ntools: [x]\n") }.ToJsonString(), "application/json");
        status.ShouldBe(HttpStatusCode.OK, body);
        _bench.File("a/x.md", "x");

        var whole = JsonNode.Parse(await _http.GetStringAsync("/api/skills/a"))!;
        ((string)whole["skill"]!["description"]!, (string)whole["skill"]!["source"]!, (string)whole["skill"]!["slash"]!, (bool)whole["skill"]!["user_facing"]!).ShouldBe(("two", "own", "go", true));
        ((string)whole["text"]!).ShouldStartWith("---\nname: a\n");
        ((string)whole["files"]![0]!).ShouldBe("x.md");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/skills/a");
        request.Headers.Accept.ParseAdd(Markdown);
        using var text = await _http.SendAsync(request);
        text.Content.Headers.ContentType!.MediaType.ShouldBe(Markdown);
        (await text.Content.ReadAsStringAsync()).ShouldBe((string)whole["text"]!);

        using var promoted = await _http.PostAsync("/api/skills/a/promote", null);
        ((string)JsonNode.Parse(await promoted.Content.ReadAsStringAsync())!["source"]!).ShouldBe("commons");
        (await _http.DeleteAsync("/api/skills/a")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await PutAsync("b", SkillBench.Text("b"));
        (await _http.DeleteAsync("/api/skills/b")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _http.GetAsync("/api/skills/b")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task List_InPages_EachOnceAndWhatIsWrongWithOthers()
    {
        var broken = _bench.Put("broken", "---\nname: broken\n---\n");
        for (var i = 0; i < 5; i++)
        {
            _bench.Put($"s{i}", SkillBench.Text($"s{i}"));
        }

        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = JsonNode.Parse(await _http.GetStringAsync($"/api/skills?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}"))!;
            names.AddRange(page["items"]!.AsArray().Select(i => (string)i!["name"]!));
            cursor = (string?)page["next"];
            ((string)page["scope"]!).ShouldBe("layered");
            var problem = page["problems"]!.AsArray().Single()!;
            ((string)problem["path"]!, (int)problem["line"]!).ShouldBe((broken, 1));
        }
        while (cursor is not null);
        names.ShouldBe(["plan-work", "research", "s0", "s1", "s2", "s3", "s4", "summarize", "troubleshoot", "write-skill"]);
    }

    [Theory]
    [InlineData("a", "no front matter", Markdown, HttpStatusCode.BadRequest, "skill_invalid")]
    [InlineData("a", "---\nname: b\ndescription: y\n---\nDo.", Markdown, HttpStatusCode.BadRequest, "skill_invalid")]
    [InlineData("..%2Fa", "---\nname: a\ndescription: y\n---\nDo.", Markdown, HttpStatusCode.BadRequest, "skill_name_invalid")]
    [InlineData("a", "---\nname: a\ndescription: y\n---\nDo.", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("a", "{}", "application/json", HttpStatusCode.BadRequest, "missing_field")]
    public async Task Put_WhatIsNoSkill_RefusedWithTheReason(string name, string text, string type, HttpStatusCode expected, string code)
    {
        var (status, body) = await PutAsync(name, text, type);
        status.ShouldBe(expected, body);
        ((string)JsonNode.Parse(body)!["code"]!).ShouldBe(code);
        Directory.Exists(_bench.Own).ShouldBeFalse("nothing was written");
    }

    [Fact]
    public async Task Put_TooLarge_Refused() =>
        (await PutAsync("a", SkillBench.Text("a", body: new string('x', SkillDocument.Largest)))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);

    [Theory]
    [InlineData("GET", "/api/skills/none", HttpStatusCode.NotFound, "skill_not_found")]
    [InlineData("GET", "/api/skills?limit=0", HttpStatusCode.BadRequest, "bad_limit")]
    [InlineData("DELETE", "/api/skills/none", HttpStatusCode.NotFound, "skill_not_found")]
    [InlineData("DELETE", "/api/skills/research", HttpStatusCode.Conflict, "skill_read_only")]
    [InlineData("POST", "/api/skills/research/promote", HttpStatusCode.Conflict, "skill_not_promoted")]
    public async Task Request_ThatCannotBeDone_RefusedWithTheReason(string method, string path, HttpStatusCode expected, string code)
    {
        using var answer = await _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        answer.StatusCode.ShouldBe(expected);
        ((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!).ShouldBe(code);
    }

    private async Task<(HttpStatusCode Status, string Body)> PutAsync(string name, string text, string type = Markdown)
    {
        using var answer = await _http.PutAsync($"/api/skills/{name}", new StringContent(text, Encoding.UTF8, type));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
