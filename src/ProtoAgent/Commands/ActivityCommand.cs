using System.CommandLine;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent activity</c>: what the running instance's agent did unasked.</summary>
internal static class ActivityCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var limit = new Option<int>("--limit") { Description = "The latest so many, 1 to 500.", DefaultValueFactory = _ => 20 };
        var command = new Command("activity", $"What the agent did unasked, the newest last.\n{InstanceCall.Codes}") { url, limit };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(parsed, url, $"/api/activity?limit={parsed.GetValue(limit)}", List, cancellation));
        return command;
    }

    private static void List(string body)
    {
        var lines = JsonSerializer.Deserialize(body, CommandJson.Default.ActivityLines)!.Items;
        foreach (var line in lines)
        {
            Console.Out.WriteLine($"{line.At:yyyy-MM-dd HH:mm:ss}Z  {line.Origin}  {line.Kind}\n  {line.Text.ReplaceLineEndings("\n  ")}");
        }

        if (lines.Count == 0)
        {
            Console.Error.WriteLine("Nothing yet.");
        }
    }

    internal sealed record Lines(IReadOnlyList<Line> Items);

    internal sealed record Line(DateTimeOffset At, string Origin, string Kind, string Text);
}
