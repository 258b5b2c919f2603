using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
{
    k.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture));
    k.Limits.MaxRequestBodySize = null;
});
builder.Services.AddRoutingCore();
var app = builder.Build();
app.MapGet("/healthz", (RequestDelegate)(context => context.Response.WriteAsync("ok")));

// What a door that does nothing costs: the body read, a few bytes answered.
app.MapPost("/empty", (RequestDelegate)(async context =>
{
    using var body = new StreamReader(context.Request.Body);
    await body.ReadToEndAsync();
    context.Response.ContentType = "application/json";
    await context.Response.WriteAsync("{}");
}));

// Streams that are told what is posted to /tell, each through a queue of its own.
var listeners = new ConcurrentDictionary<Guid, Channel<string>>();
app.MapGet("/events", (RequestDelegate)(async context =>
{
    var (id, mine) = (Guid.NewGuid(), Channel.CreateUnbounded<string>());
    listeners[id] = mine;
    context.Response.ContentType = "text/event-stream";
    await context.Response.Body.FlushAsync();
    await foreach (var told in mine.Reader.ReadAllAsync(context.RequestAborted))
    {
        await SendAsync(context, told);
    }
}));
app.MapPost("/tell", (RequestDelegate)(async context =>
{
    using var body = new StreamReader(context.Request.Body);
    var told = await body.ReadToEndAsync();
    foreach (var one in listeners.Values)
    {
        one.Writer.TryWrite(told);
    }

    await context.Response.WriteAsync("{}");
}));

// When the model was asked, in unix microseconds, a line each; told once.
var asked = new ConcurrentQueue<long>();
app.MapGet("/asked", (RequestDelegate)(context =>
{
    var told = new StringBuilder();
    while (asked.TryDequeue(out var at))
    {
        told.Append(CultureInfo.InvariantCulture, $"{at}\n");
    }

    return context.Response.WriteAsync(told.ToString());
}));

// A model that thinks no time at all: its name ends in the number of tokens it streams ("zero-20"), one a write.
app.MapPost("/v1/chat/completions", (RequestDelegate)(async context =>
{
    asked.Enqueue((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
    using var body = new StreamReader(context.Request.Body);
    var request = await body.ReadToEndAsync();
    var name = request.IndexOf("\"zero-", StringComparison.Ordinal) + 6;
    var tokens = int.Parse(request.AsSpan(name, request.IndexOf('"', name) - name), CultureInfo.InvariantCulture);
    context.Response.ContentType = "text/event-stream";
    for (var i = 0; i < tokens; i++)
    {
        await SendAsync(context, """{"id":"c","object":"chat.completion.chunk","created":1,"model":"zero","choices":[{"index":0,"delta":{"role":"assistant","content":"word "},"finish_reason":null}]}""");
    }

    await SendAsync(context, """{"id":"c","object":"chat.completion.chunk","created":1,"model":"zero","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""");
    await SendAsync(context, "[DONE]");
}));
app.Run();

static async Task SendAsync(HttpContext context, string data)
{
    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data}\n\n"));
    await context.Response.Body.FlushAsync();
}
