using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProtoAgent.Agent.Network;

namespace ProtoAgent.Tests.Agent.Network;

/// <summary>A web server on loopback, and a network in which <c>public.example</c> is let through to it and <c>private.example</c> is not.</summary>
internal sealed class LocalSite : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, RequestDelegate> _pages = new(StringComparer.Ordinal);
    private int _requests;

    private LocalSite(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <summary>How many requests came.</summary>
    public int Requests => _requests;

    /// <summary>The names looked up, in order.</summary>
    public List<string> LookedUp { get; } = [];

    public static async Task<LocalSite> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var site = new LocalSite(builder.Build());
        site._app.Run(context =>
        {
            Interlocked.Increment(ref site._requests);
            if (site._pages.TryGetValue(context.Request.Path, out var page))
            {
                return page(context);
            }

            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await site._app.StartAsync();
        return site;
    }

    public Uri Url(string path, string host = "public.example") => new($"http://{host}:{Port}{path}");

    public void Page(string path, RequestDelegate answer) => _pages[path] = answer;

    public void Page(string path, string body, string? contentType = "text/html; charset=utf-8", int status = 200) =>
        Page(path, System.Text.Encoding.UTF8.GetBytes(body), contentType, status);

    public void Page(string path, byte[] body, string? contentType, int status = 200) => Page(path, async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    });

    public void Redirect(string path, string to, int status = 302) => Page(path, context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = to;
        return Task.CompletedTask;
    });

    /// <summary>Every name leads here, whatever else <paramref name="others"/> adds to the answer.</summary>
    public NetworkFence Fence(params string[] others) => new(
        new NetworkOptions { AllowHosts = ["public.example"] },
        (host, _) =>
        {
            LookedUp.Add(host);
            return Task.FromResult<IPAddress[]>([.. others.Select(IPAddress.Parse), IPAddress.Loopback]);
        });

    public FencedClient Client(TimeProvider? time = null) => new(Fence(), time ?? TimeProvider.System);

    /// <summary>Nobody listens any more.</summary>
    public async Task StopAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }
}
