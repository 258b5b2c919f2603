using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Tests.Agent.Tools.Mcp;
using ProtoAgent.Tests.Agent.Tools.Processes;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class McpEndpointsTests : IAsyncLifetime
{
    private readonly McpBench _bench = new();
    private readonly McpServers _servers;
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    public McpEndpointsTests()
    {
        _servers = _bench.Servers(McpBench.Fixture("configured") with { Enabled = false });
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.UseProtoAgentHttp(new HttpOptions(), NullLogger.Instance);
        _app.UseRouting();
        McpEndpoints.Map(_app, _servers);
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
        await _servers.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Servers_AddedListedAndRemoved_WithoutASecret()
    {
        _servers.Start();
        var (status, added) = await PostAsync(new JsonObject
        {
            ["name"] = "fix", ["command"] = Programs.McpFixture, ["args"] = new JsonArray("--key", "s3cret"),
            ["env"] = new JsonObject { ["TOKEN"] = "s3cret", ["DOTNET_EnableDiagnostics"] = "0" },
        });
        status.ShouldBe(HttpStatusCode.Created, added);
        await _bench.BecameAsync(McpServerState.Ready);

        var listed = await _http.GetStringAsync("/api/mcp/servers");
        (added + listed).ShouldNotContain("s3cret");
        var items = JsonNode.Parse(listed)!["items"]!.AsArray();
        items.Select(i => $"{i!["name"]} {i["state"]} {i["origin"]}").ShouldBe(["configured disabled config", "fix ready api"]);
        items[1]!["tools"]!.AsArray().Select(t => (string)t!).ShouldContain("fix__echo");
        items[1]!.AsObject().ContainsKey("last_error").ShouldBeTrue();

        (await _http.DeleteAsync("/api/mcp/servers/fix")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _http.DeleteAsync("/api/mcp/servers/fix")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.DeleteAsync("/api/mcp/servers/configured")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"command":"x"}""", HttpStatusCode.BadRequest, "missing_field")]
    [InlineData("""{"name":"a b","command":"x"}""", HttpStatusCode.BadRequest, "mcp_server_invalid")]
    [InlineData("""{"name":"a"}""", HttpStatusCode.BadRequest, "mcp_server_invalid")]
    [InlineData("""{"name":"a","url":"nowhere"}""", HttpStatusCode.BadRequest, "mcp_server_invalid")]
    [InlineData("""{"name":"a","command":"x","colour":"red"}""", HttpStatusCode.BadRequest, "malformed_body")]
    [InlineData("""{"name":"a","command":"x","env":{"A":null}}""", HttpStatusCode.BadRequest, "mcp_server_invalid")]
    [InlineData("""{"name":"configured","command":"x"}""", HttpStatusCode.Conflict, "mcp_server_exists")]
    public async Task Servers_AddedWrongly_RefusedWithTheReason(string body, HttpStatusCode expected, string code)
    {
        var (status, answer) = await PostAsync(JsonNode.Parse(body)!);
        status.ShouldBe(expected, answer);
        ((string)JsonNode.Parse(answer)!["code"]!).ShouldBe(code, answer);
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(JsonNode body)
    {
        using var answer = await _http.PostAsync("/api/mcp/servers", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
