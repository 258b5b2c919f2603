using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Server-sent events: one <c>data:</c> line each, flushed as it is written.</summary>
internal sealed class EventStream(HttpContext context)
{
    public void Begin()
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    public Task SendAsync<T>(T data, JsonTypeInfo<T> type) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(data, type));

    public async Task SendAsync(ReadOnlyMemory<byte> data)
    {
        var body = context.Response.BodyWriter;
        body.Write("data: "u8);
        body.Write(data.Span);
        body.Write("\n\n"u8);
        await body.FlushAsync(context.RequestAborted);
    }
}
