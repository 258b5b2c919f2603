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
    public static void Map(IEndpointRouteBuilder routes, EventBus bus, EventTickets tickets, TimeProvider time)
    {
        var endpoints = new EventEndpoints(bus, tickets, time);
        routes.MapGet(EventTickets.Path, (RequestDelegate)endpoints.StreamAsync)
            .Describe("What happens in the instance, as server-sent events.", notes: "Each frame is {id, topic, at, data}.")
            .Answers(StatusCodes.Status200OK, EventJson.Default.Event, "text/event-stream")
            .With(
                ApiParameter.Header("Last-Event-ID", "Go on behind this event."),
                ApiParameter.Text("last_event_id", "The same, for who can't send it."),
                ApiParameter.Text("topics", "Only these: 'job.done', 'turn.*', comma-separated."),
                ApiParameter.Text("ticket", "Of POST /api/events/ticket, for who can't send a token."));
        routes.MapPost(EventTickets.Path + "/ticket", (RequestDelegate)endpoints.TicketAsync)
            .Describe("A ticket that opens the event stream once, within 30 seconds.", answer: EventJson.Default.Ticket);
    }

    private async Task StreamAsync(HttpContext context)
    {
        var (after, wanted) = (LastSeen(context), EventTopics.Parse(QueryValues.Text(context, "topics")));
        using var subscription = bus.Subscribe(after);
        var stream = new EventStream(context);
        stream.Begin();

        // Also so that the reader knows at once that it is connected.
        await stream.KeepAliveAsync();
        if (subscription.Gap)
        {
            await SayAsync(stream, "events.missed");
        }

        while (await stream.MoreAsync(subscription.Events, time))
        {
            while (subscription.Events.TryRead(out var happened))
            {
                if (wanted.Has(happened.Topic))
                {
                    await stream.SendAsync(Frame(happened.Id, happened.Topic, happened.At, happened.Data.Span), happened.Id);
                }
            }
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

    /// <summary>A browser says it by header when it comes back by itself, and by the query when its page does.</summary>
    internal static long? LastSeen(HttpContext context)
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
