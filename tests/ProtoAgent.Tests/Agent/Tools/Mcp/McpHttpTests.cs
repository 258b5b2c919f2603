using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Tests.Agent.Tools.Processes;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

/// <summary>Against a server on loopback that speaks streamable HTTP by hand.</summary>
public sealed class McpHttpTests : IAsyncDisposable
{
    private readonly McpBench _bench = new();
    private readonly List<string?> _tokens = [];
    private WebApplication? _app;
    private int _elsewhere;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Start_AnAddress_CallsItWithItsHeaders()
    {
        await using var servers = _bench.Started(Server(await ServeAsync()));
        var ready = await _bench.BecameAsync(McpServerState.Ready);
        ready.Target.ShouldNotContain("key=");
        (await McpBench.CallAsync(servers, "web__echo", """{"text":"over the wire"}""")).ShouldBe("over the wire");
        _tokens.ShouldNotBeEmpty();
        _tokens.ShouldAllBe(t => t == "Bearer s3cret");
    }

    [Fact]
    public async Task Start_NobodyListens_FailsAndTriesAgain()
    {
        // Bound and not listening: nobody else gets the port meanwhile.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var servers = _bench.Started(Server(new Uri($"http://{taken.LocalEndPoint}/mcp")));
        (await _bench.BecameAsync(McpServerState.Failed)).LastError!.ShouldContain("refused", Case.Insensitive);
        await _bench.Time.PassAsync(TimeSpan.FromSeconds(1), Programs.Patience);
        await _bench.BecameAsync(McpServerState.Failed);
    }

    [Fact]
    public async Task Start_Redirected_IsNotFollowed()
    {
        var address = await ServeAsync();
        await using var servers = _bench.Started(Server(new Uri(address, "/moved")));
        (await _bench.BecameAsync(McpServerState.Failed)).LastError!.ShouldContain("307");
        _elsewhere.ShouldBe(0);
    }

    [Fact]
    public async Task Call_ServerGone_IsConnectedAgain()
    {
        await using var servers = _bench.Started(Server(await ServeAsync()));
        await _bench.BecameAsync(McpServerState.Ready);
        await StopAsync();
        (await Should.ThrowAsync<ToolException>(McpBench.CallAsync(servers, "web__echo"))).Message.ShouldContain("went away");
        (await _bench.BecameAsync(s => s is { State: McpServerState.Restarting, LastError: not null })).LastError!.ShouldContain("refused", Case.Insensitive);
    }

    [Fact]
    public async Task Call_ServerAnswersAnError_IsRefusedAndTheSessionGoesOn()
    {
        await using var servers = _bench.Started(Server(await ServeAsync()));
        await _bench.BecameAsync(McpServerState.Ready);
        (await Should.ThrowAsync<ToolException>(McpBench.CallAsync(servers, "web__broken"))).Message.ShouldContain("500");
        (await McpBench.CallAsync(servers, "web__echo", """{"text":"still there"}""")).ShouldBe("still there");
    }

    private static McpServerOptions Server(Uri address) => new("web")
    {
        Url = new Uri(address, "?key=s3cret"), Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer s3cret" },
    };

    private async Task<Uri> ServeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        return new Uri(new Uri(_app.Urls.Single()), "/mcp");
    }

    private async Task StopAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/moved":
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = "/elsewhere";
                return;
            case "/elsewhere":
                Interlocked.Increment(ref _elsewhere);
                return;
            default:
                break;
        }

        if (context.Request.Method != "POST")
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        lock (_tokens)
        {
            _tokens.Add(context.Request.Headers.Authorization);
        }

        var message = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        if (message["id"] is not { } id)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        var result = (string?)message["method"] switch
        {
            "initialize" => """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"web","version":"1"}}""",
            "tools/list" => """{"tools":[{"name":"echo","inputSchema":{"type":"object"}},{"name":"broken","inputSchema":{"type":"object"}}]}""",
            _ when (string?)message["params"]!["name"] == "broken" => null,
            _ => $$"""{"content":[{"type":"text","text":{{message["params"]!["arguments"]!["text"]!.ToJsonString()}}}]}""",
        };
        if (result is null)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":{{id.ToJsonString()}},"result":{{result}}}""");
    }
}
