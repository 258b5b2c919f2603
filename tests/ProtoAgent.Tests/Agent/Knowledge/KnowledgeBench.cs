using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Models;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Tests.Agent.Knowledge;

/// <summary>An instance's knowledge, a clock, and an embedding model that answers, fails or waits as the test says.</summary>
internal sealed class KnowledgeBench : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _made = [];
    private WebApplication? _model;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public EventBus Events { get; } = new(TimeProvider.System);

    public InstancePaths Paths => _folder.Paths();

    /// <summary>Calls of the embedding model so far, and texts in them.</summary>
    public int Calls { get; private set; }

    public List<string> Embedded { get; } = [];

    /// <summary>What the model answers instead of vectors.</summary>
    public HttpStatusCode? Failing { get; set; }

    /// <summary>Words to places in the vector: texts that share one are near.</summary>
    public string[] Topics { get; set; } = ["animal", "money", "weather"];

    /// <summary>Held back until the test lets it go.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public async Task<KnowledgeService> OpenAsync(bool embeddings = false, KnowledgeOptions? options = null, string model = "small")
    {
        options ??= new KnowledgeOptions();
        if (embeddings)
        {
            options = options with { Embeddings = new ModelOptions { Group = "knowledge.embeddings", Provider = "openai", Name = model, BaseUrl = new Uri($"{await ModelAsync()}/v1") } };
        }

        var service = new KnowledgeService(Paths, options, Time, NullLoggerFactory.Instance);
        _made.Add(service);
        return service;
    }

    public IngestRunner Runner(KnowledgeService service, string process = "p1", Func<string, bool>? isLive = null)
    {
        var runner = new IngestRunner(service, Events, process, isLive ?? (_ => false), Time, NullLogger<IngestRunner>.Instance);
        _made.Insert(0, runner);
        return runner;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var made in _made)
        {
            await made.DisposeAsync();
        }

        if (_model is not null)
        {
            await _model.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<string> ModelAsync()
    {
        if (_model is null)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.Services.AddRoutingCore();
            _model = builder.Build();
            _model.MapPost("/v1/embeddings", (RequestDelegate)AnswerAsync);
            await _model.StartAsync();
        }

        return _model.Urls.Single();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var texts = (await JsonNode.ParseAsync(context.Request.Body))!["input"]!.AsArray().Select(t => (string)t!).ToList();
        await Before();
        Calls++;
        if (Failing is { } status)
        {
            context.Response.StatusCode = (int)status;
            await context.Response.WriteAsync("""{"error":{"message":"out of order"}}""");
            return;
        }

        Embedded.AddRange(texts);
        var data = texts.Select((t, i) => (JsonNode)new JsonObject { ["index"] = i, ["embedding"] = new JsonArray([.. Vector(t).Select(v => (JsonNode)v)]) });
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["data"] = new JsonArray([.. data.Reverse()]) }.ToJsonString());
    }

    /// <summary>How often each topic is named, and a little of everything.</summary>
    private IEnumerable<float> Vector(string text) => Topics.Select(t => 0.01f + text.Split(t).Length - 1);
}
