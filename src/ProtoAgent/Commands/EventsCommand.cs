using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent events</c>: follows what happens in the running instance.</summary>
internal static class EventsCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var after = new Option<long?>("--after") { Description = "Begin behind the event of this id, as far as it is kept.", HelpName = "id" };
        var command = new Command(
            "events", "Follow what happens in the running instance, a line an event, until interrupted.\nExit codes: 0 interrupted, 1 an error came back, 69 it isn't running, or stopped.")
        {
            url, after,
        };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            try
            {
                return await FollowAsync(http, parsed.GetValue(after), CommandLine.Json(parsed), cancellation);
            }
            catch (OperationCanceledException)
            {
                return ExitCodes.Ok;
            }
        }));
        return command;
    }

    private static async Task<int> FollowAsync(HttpClient http, long? after, bool json, CancellationToken cancellation)
    {
        using var answer = await http.GetAsync(after is { } id ? $"/api/events?last_event_id={id}" : "/api/events", HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            return ChatCommand.Complain(await answer.Content.ReadAsStringAsync(cancellation));
        }

        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
        {
            if (json)
            {
                Console.Out.WriteLine(item.Data);
                continue;
            }

            var happened = JsonSerializer.Deserialize(item.Data, CommandJson.Default.Happened)!;
            Console.Out.WriteLine($"{happened.At:HH:mm:ss}Z  {happened.Topic}  {happened.Data.GetRawText()}");
        }

        Console.Error.WriteLine("protoagent: the instance ended the stream: it stopped, or this reader was too slow.");
        return ExitCodes.Unavailable;
    }

    internal sealed record Happened(string Topic, DateTimeOffset At, JsonElement Data);
}
