using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ProtoAgent.ProcessTests.Harness;

/// <summary>An OpenAI-compatible endpoint whose every answer the test decides.</summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    private ScriptedModel(WebApplication app) => _app = app;

    /// <summary>What an instance needs to use it.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["PROTOAGENT_MODEL_BASE_URL"] = $"{_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}/v1",
        ["PROTOAGENT_MODEL"] = "scripted",
        ["OPENAI_API_KEY"] = Key,
    };

    public const string Key = "sk-a-secret-that-must-not-show";

    public static async Task<ScriptedModel> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var model = new ScriptedModel(builder.Build());
        model._app.MapPost("/v1/chat/completions", (RequestDelegate)model.AnswerAsync);
        await model._app.StartAsync();
        return model;
    }

    /// <summary>The next call an instance makes, however long it takes.</summary>
    public ValueTask<Call> NextAsync(CancellationToken until) => _calls.Reader.ReadAsync(until);

    /// <summary>The next call an instance makes.</summary>
    public async Task<Call> NextAsync()
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        return await _calls.Reader.ReadAsync(late.Token);
    }

    /// <summary>Answers every call with what <paramref name="reply"/> makes of its last user message, until stopped.</summary>
    public async Task AnswerAllAsync(Func<string, string> reply, CancellationToken until)
    {
        try
        {
            await foreach (var call in _calls.Reader.ReadAllAsync(until))
            {
                await call.ReplyAsync(reply(call.LastMessage));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        var call = new Call(context, request);
        await _calls.Writer.WriteAsync(call);
        await call.Ended.Task.WaitAsync(context.RequestAborted);
        if (call.IsBroken)
        {
            context.Abort();
        }
    }

    /// <summary>One call, open until the test ends it.</summary>
    internal sealed class Call(HttpContext context, JsonObject request)
    {
        private volatile bool _breaking;

        public bool IsBroken => _breaking;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public JsonObject Request => request;

        public string? Authorization => context.Request.Headers.Authorization;

        /// <summary>A header of the request; null if it has none.</summary>
        public string? Header(string name) => context.Request.Headers[name].ToString() is { Length: > 0 } value ? value : null;

        public string LastMessage => Text(request["messages"]!.AsArray()[^1]!["content"]!);

        /// <summary>What it is told before the conversation.</summary>
        public string SystemText => string.Concat(request["messages"]!.AsArray().Where(m => (string)m!["role"]! == "system").Select(m => Text(m!["content"]!)));

        public string? LastUserMessage => (string?)request["messages"]!.AsArray().LastOrDefault(m => (string)m!["role"]! == "user")?["content"];

        public async Task ReplyAsync(string text)
        {
            foreach (var piece in text.Chunk(8))
            {
                await PieceAsync(new string(piece));
            }

            await FinishAsync();
        }

        public async Task PieceAsync(string text)
        {
            await SendAsync(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["role"] = "assistant", ["content"] = text }, ["finish_reason"] = null });
        }

        /// <summary>What the tools of the last answer said, in order.</summary>
        public IReadOnlyList<string> Results => [.. request["messages"]!.AsArray().Reverse().TakeWhile(m => (string)m!["role"]! == "tool").Reverse().Select(m => (string)m!["content"]!)];

        /// <summary>How many results of tools it is told of.</summary>
        public int AllResults => request["messages"]!.AsArray().Count(m => (string)m!["role"]! == "tool");

        /// <summary>Asks for calls, in one answer; the arguments come in two pieces, as endpoints stream them.</summary>
        public async Task CallAsync(params (string Tool, string Arguments)[] calls)
        {
            for (var i = 0; i < calls.Length; i++)
            {
                var (tool, arguments) = calls[i];
                await CallPieceAsync(new JsonObject { ["index"] = i, ["id"] = $"call_{i}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = tool, ["arguments"] = arguments[..(arguments.Length / 2)] } });
                await CallPieceAsync(new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = arguments[(arguments.Length / 2)..] } });
            }

            await FinishAsync("tool_calls");
        }

        private static string Text(JsonNode content) => content is JsonArray parts ? string.Concat(parts.Select(p => (string)p!["text"]!)) : (string)content!;

        private Task CallPieceAsync(JsonObject call) =>
            SendAsync(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["tool_calls"] = new JsonArray(call) }, ["finish_reason"] = null });

        public async Task FinishAsync(string reason = "stop")
        {
            await SendAsync(new JsonObject { ["index"] = 0, ["delta"] = new JsonObject(), ["finish_reason"] = reason });
            await WriteAsync("""{"id":"c1","object":"chat.completion.chunk","created":1,"model":"scripted","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""");
            await WriteAsync("[DONE]");
            Ended.TrySetResult();
        }

        /// <summary>200, but of something that is no model: a portal between.</summary>
        public async Task PageAsync(string html)
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync(html);
            Ended.TrySetResult();
        }

        /// <summary>The body ends as if all were said, without a finish reason.</summary>
        public void CutShort() => Ended.TrySetResult();

        /// <summary>The connection breaks, if the caller hasn't closed it already.</summary>
        public void Break()
        {
            _breaking = true;
            Ended.TrySetResult();
        }

        public async Task WriteAsync(string data)
        {
            if (!context.Response.HasStarted)
            {
                context.Response.ContentType = "text/event-stream";
            }

            await context.Response.WriteAsync($"data: {data}\n\n");
            await context.Response.Body.FlushAsync();
        }

        public async Task FailAsync(int status, string body, int? retryAfter = null)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            if (retryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = $"{seconds}";
            }

            await context.Response.WriteAsync(body);
            Ended.TrySetResult();
        }

        private Task SendAsync(JsonObject choice) => WriteAsync(new JsonObject
        {
            ["id"] = "c1", ["object"] = "chat.completion.chunk", ["created"] = 1, ["model"] = "scripted", ["choices"] = new JsonArray(choice),
        }.ToJsonString());
    }
}
