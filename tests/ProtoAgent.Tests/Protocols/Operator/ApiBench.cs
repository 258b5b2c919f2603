using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Tests.Protocols.Operator;

/// <summary>Routes on a real server, behind the pipeline every request passes.</summary>
internal sealed class ApiBench : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiBench(WebApplication app) => _app = app;

    public HttpClient Http { get; } = new();

    public static async Task<ApiBench> StartAsync(HttpOptions options, Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var bench = new ApiBench(builder.Build());
        bench._app.UseProtoAgentHttp(options, NullLogger.Instance);
        bench._app.UseRouting();
        map(bench._app);
        await bench._app.StartAsync();
        bench.Http.BaseAddress = new Uri(bench._app.Urls.First());
        return bench;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
