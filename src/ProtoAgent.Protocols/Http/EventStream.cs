using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Server-sent events: one <c>data:</c> line each, flushed as it is written.</summary>
internal sealed class EventStream(HttpContext context)
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    private bool _begun;

    public void Begin()
    {
        _begun = true;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    public Task SendAsync<T>(T data, JsonTypeInfo<T> type) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(data, type));

    /// <param name="id">What a reader that comes back says it saw last; null for none.</param>
    /// <param name="name">The event's; null for none.</param>
    public async Task SendAsync(ReadOnlyMemory<byte> data, long? id = null, string? name = null)
    {
        var body = context.Response.BodyWriter;
        if (name is not null)
        {
            body.Write(Encoding.UTF8.GetBytes($"event: {name}\n"));
        }

        if (id is not null)
        {
            body.Write(Encoding.UTF8.GetBytes($"id: {id}\n"));
        }

        body.Write("data: "u8);
        body.Write(data.Span);
        body.Write("\n\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Whether there is more to read; false when there never will be. Keeps the connection alive for as long as that takes.</summary>
    public async Task<bool> MoreAsync<T>(ChannelReader<T> events, TimeProvider time)
    {
        var more = events.WaitToReadAsync(context.RequestAborted).AsTask();
        while (!more.IsCompleted && !await WithinAsync(more, time))
        {
            await KeepAliveAsync();
        }

        return await more;
    }

    /// <summary>All there is to read, with signs of life between once the stream has begun: until then its answer may still be an error.</summary>
    public async IAsyncEnumerable<T> ReadAsync<T>(ChannelReader<T> events, TimeProvider time)
    {
        while (_begun ? await MoreAsync(events, time) : await events.WaitToReadAsync(context.RequestAborted))
        {
            while (events.TryRead(out var happened))
            {
                yield return happened;
            }
        }
    }

    /// <summary>Nothing happened, and the connection lives; what stands between would else close it. Also lets the reader know that it is heard.</summary>
    public async Task KeepAliveAsync()
    {
        var body = context.Response.BodyWriter;
        body.Write(": keep-alive\n\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }

    private async Task<bool> WithinAsync(Task task, TimeProvider time)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var first = await Task.WhenAny(task, Task.Delay(s_keepAlive, time, over.Token));
        await over.CancelAsync();
        return first == task;
    }
}
