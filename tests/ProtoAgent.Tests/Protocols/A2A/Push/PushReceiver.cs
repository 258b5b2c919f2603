using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ProtoAgent.Tests.Protocols.A2A.Push;

/// <summary>Whom notifications are sent to; the test decides each answer.</summary>
internal sealed class PushReceiver : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly WebApplication _app;

    private PushReceiver(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public static async Task<PushReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var receiver = new PushReceiver(builder.Build());
        receiver._app.MapPost("/{**path}", (RequestDelegate)receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async Task<Call> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    /// <summary>Whether somebody waits for an answer that the test has not looked at.</summary>
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
        var call = new Call(context.Request.Path, await reader.ReadToEndAsync(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        await _calls.Writer.WriteAsync(call);
        var (status, headers) = await call.Answered.Task.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }
    }

    internal sealed record Call(string Path, string Body, IReadOnlyDictionary<string, string> Headers)
    {
        public TaskCompletionSource<(int Status, (string, string)[] Headers)> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Answer(int status, params (string Name, string Value)[] headers) => Answered.SetResult((status, headers));
    }
}
