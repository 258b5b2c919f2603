using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Events;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>
/// What happens in the instance, as it happens. A reader that comes back says what it saw last and gets what it missed, as far as
/// that is kept; where something is missing it is told so.
/// </summary>
internal sealed class EventEndpoints(EventBus bus, EventTickets tickets, TimeProvider time)
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes, EventBus bus, EventTickets tickets, TimeProvider time)
    {
        var endpoints = new EventEndpoints(bus, tickets, time);
        routes.MapGet(EventTickets.Path, (RequestDelegate)endpoints.StreamAsync);
        routes.MapPost(EventTickets.Path + "/ticket", (RequestDelegate)endpoints.TicketAsync);
    }

    private async Task StreamAsync(HttpContext context)
    {
        var after = LastSeen(context);
        using var subscription = bus.Subscribe(after);
        var stream = new EventStream(context);
        stream.Begin();

        // Also so that the reader knows at once that it is connected.
        await stream.KeepAliveAsync();
        if (subscription.Gap)
        {
            await SayAsync(stream, "events.missed");
        }

        var more = subscription.Events.WaitToReadAsync(context.RequestAborted).AsTask();
        while (true)
        {
            if (!more.IsCompleted && !await WithinAsync(more, s_keepAlive, context.RequestAborted))
            {
                await stream.KeepAliveAsync();
                continue;
            }

            if (!await more)
            {
                break;
            }

            while (subscription.Events.TryRead(out var happened))
            {
                await stream.SendAsync(Frame(happened.Id, happened.Topic, happened.At, happened.Data.Span), happened.Id);
            }

            more = subscription.Events.WaitToReadAsync(context.RequestAborted).AsTask();
        }

        if (subscription.Dropped)
        {
            await SayAsync(stream, "events.dropped");
        }
    }

    private Task TicketAsync(HttpContext context)
    {
        var (ticket, expires) = tickets.Issue();
        return JsonReply.WriteAsync(context, new Ticket(ticket, expires), EventJson.Default.Ticket);
    }

    /// <summary>Without an id: a reader goes on asking for what it saw last before.</summary>
    private Task SayAsync(EventStream stream, string topic) => stream.SendAsync(Frame(null, topic, time.GetUtcNow(), "{}"u8));

    private async Task<bool> WithinAsync(Task task, TimeSpan wait, CancellationToken cancelled)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var first = await Task.WhenAny(task, Task.Delay(wait, time, over.Token));
        await over.CancelAsync();
        return first == task;
    }

    /// <summary>A browser says it by header when it comes back by itself, and by the query when its page does.</summary>
    private static long? LastSeen(HttpContext context)
    {
        var text = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : QueryValues.Text(context, "last_event_id");
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_last_event_id", "Last-Event-ID is not the id of an event of this stream. Leave it out to begin with what happens next.", "last_event_id");
    }

    private static ReadOnlyMemory<byte> Frame(long? id, string topic, DateTimeOffset at, ReadOnlySpan<byte> data) =>
        JsonSerializer.SerializeToUtf8Bytes(new Event(id, topic, at, JsonElement.Parse(data)), EventJson.Default.Event);

    /// <param name="Id">Rises; null in what the stream says of itself.</param>
    internal sealed record Event(long? Id, string Topic, DateTimeOffset At, JsonElement Data);

    internal sealed record Ticket([property: JsonPropertyName("ticket")] string Value, DateTimeOffset ExpiresAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(EventEndpoints.Event))]
[JsonSerializable(typeof(EventEndpoints.Ticket))]
internal sealed partial class EventJson : JsonSerializerContext;
