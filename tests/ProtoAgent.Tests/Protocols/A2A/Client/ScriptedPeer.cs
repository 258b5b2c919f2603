using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ProtoAgent.Tests.Protocols.A2A.Client;

/// <summary>A peer whose every answer the test decides.</summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly WebApplication _app;

    private ScriptedPeer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public JsonNode? Card { get; set; }

    public static async Task<ScriptedPeer> StartAsync(string binding = "JSONRPC", bool streams = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var peer = new ScriptedPeer(builder.Build());
        peer._app.MapGet("/.well-known/agent-card.json", (RequestDelegate)(context => context.Response.WriteAsync(peer.Card!.ToJsonString())));
        peer._app.Map("/{**path}", (RequestDelegate)peer.TakeAsync);
        await peer._app.StartAsync();
        peer.Card = CardOf(new Uri(peer.Url, "/a2a"), binding, streams);
        return peer;
    }

    public static JsonNode CardOf(Uri url, string binding, bool streams, string version = "1.0") => JsonNode.Parse(
        $$"""
        {"name":"bob","description":"helps","version":"1","capabilities":{"streaming":{{(streams ? "true" : "false")}}},"defaultInputModes":[],"defaultOutputModes":[],"skills":[],
         "supportedInterfaces":[{"url":"grpc://x","protocolBinding":"GRPC","protocolVersion":"1.0"},{"url":"{{url}}","protocolBinding":"{{binding}}","protocolVersion":"{{version}}"}]}
        """)!;

    public async Task<Call> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    public bool HasMore => _calls.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var call = new Call(context, await reader.ReadToEndAsync());
        await _calls.Writer.WriteAsync(call);
        await call.Over.Task.WaitAsync(context.RequestAborted);
        if (call.IsBroken)
        {
            context.Abort();
        }
    }

    internal sealed class Call(HttpContext context, string body)
    {
        private bool IsRpc => context.Request.Path == "/a2a";

        public string Method { get; } = context.Request.Method;

        public string Path { get; } = context.Request.Path + context.Request.QueryString;

        public JsonNode? Body { get; } = body.Length > 0 ? JsonNode.Parse(body) : null;

        public string? Header(string name) => context.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null;

        /// <summary>Of JSON-RPC.</summary>
        public string Rpc => (string)Body!["method"]!;

        public JsonNode Params => IsRpc ? Body!["params"]! : Body!;

        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken HungUp => context.RequestAborted;

        public bool IsBroken { get; private set; }

        public async Task TellAsync(string json)
        {
            if (!context.Response.HasStarted)
            {
                context.Response.ContentType = "text/event-stream";
            }

            await context.Response.WriteAsync($"data: {Framed(json)}\n\n", Encoding.UTF8);
            await context.Response.Body.FlushAsync();
        }

        public Task StatusAsync(string state, string? says = null) => TellAsync(
            $$$"""{"statusUpdate":{"taskId":"t1","contextId":"x","status":{"state":"{{{state}}}"{{{(says is null ? "" : $$$""","message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"text":"{{{says}}}"}]}""")}}} } } }""");

        public void End() => Over.SetResult();

        public void Break()
        {
            IsBroken = true;
            Over.SetResult();
        }

        public async Task AnswerAsync(string json, int status = 200)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Framed(json), Encoding.UTF8);
            Over.SetResult();
        }

        public async Task FailAsync(int status, string raw)
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(raw);
            Over.SetResult();
        }

        private string Framed(string json) => IsRpc ? $$"""{"jsonrpc":"2.0","id":1,"result":{{json}}}""" : json;
    }
}
