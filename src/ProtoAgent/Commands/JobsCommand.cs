using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent jobs</c>: what the running instance does by itself, and when.</summary>
internal static class JobsCommand
{
    public const string Path = "/api/scheduler/jobs";

    public static Command Create()
    {
        var url = InstanceCall.Url();
        var (limit, cursor) = (Limit(), Cursor());
        var command = new Command(
            "jobs", "Scheduled jobs of the running instance: when each fires next, and how it stands.\nExit codes: 0 fine, 1 an error came back, 69 the instance isn't running.")
        {
            limit,
            cursor,
            JobsEditing.Add(url),
            Show(url),
            JobsEditing.Edit(url),
            Moved("pause", "No more fires until it is resumed; what runs goes on.", "Paused", url),
            Moved("resume", "Fires again from now on.", "Resumed", url),
            Run(url),
            Delete(url),
            Runs(url),
        };
        command.Options.Add(url);
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Get, Paged(Path, parsed, limit, cursor), JobsJson.Default.JobPage, page =>
            {
                if (page.Items.Count > 0)
                {
                    JobsWords.Table(page.Items);
                }

                Tell(page.Items.Count, page.Next, "No jobs. Add one: protoagent jobs add '0 9 * * MON-FRI' 'water the plants'");
            }, cancellation));
        return command;
    }

    /// <summary>Checked before it becomes part of an address.</summary>
    public static Argument<string> Id()
    {
        var id = new Argument<string>("id") { Description = "As 'protoagent jobs' shows it." }.From("/api/scheduler/jobs?limit=500", "id");
        id.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } given && JobIds.Problem(given) is not null)
            {
                result.AddError($"'{given}' can't be a job's id; 'protoagent jobs' lists them.");
            }
        });
        return id;
    }

    private static Command Show(Option<string?> url)
    {
        var id = Id();
        var command = new Command("show", "All there is to know of one job.") { id };
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Get, Of(parsed, id), JobsJson.Default.JobAnswer, answer => JobsWords.Write(answer.Job), cancellation));
        return command;
    }

    private static Command Moved(string name, string description, string done, Option<string?> url)
    {
        var id = Id();
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Post, $"{Of(parsed, id)}/{name}", JobsJson.Default.JobAnswer, answer => Console.Out.WriteLine($"{done} {JobsWords.Said(answer.Job)}"), cancellation));
        return command;
    }

    private static Command Run(Option<string?> url)
    {
        var id = Id();
        var command = new Command("run", "Run it now, beside its schedule, which goes on as it was.") { id };
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Post, $"{Of(parsed, id)}/run", JobsJson.Default.RunAnswer,
            answer => Console.Out.WriteLine($"Run {answer.Run.Id} is {answer.Run.Status}; what becomes of it: protoagent jobs runs {parsed.GetRequiredValue(id)}"), cancellation));
        return command;
    }

    private static Command Delete(Option<string?> url)
    {
        var id = Id();
        var command = new Command("delete", "Take it away, with the record of its runs; what runs goes on to its end.") { id };
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Delete, Of(parsed, id), JobsJson.Default.JsonElement, _ => Console.Out.WriteLine($"Deleted '{parsed.GetRequiredValue(id)}'."), cancellation));
        return command;
    }

    private static Command Runs(Option<string?> url)
    {
        var id = Id();
        var (limit, cursor) = (Limit(), Cursor());
        var command = new Command("runs", "The times it was due, the latest first, and what became of each.") { id, limit, cursor };
        command.SetAction((parsed, cancellation) => CallAsync(
            parsed, url, HttpMethod.Get, Paged($"{Of(parsed, id)}/runs", parsed, limit, cursor), JobsJson.Default.RunPage, page =>
            {
                if (page.Items.Count > 0)
                {
                    JobsWords.Table(page.Items, TimeZoneInfo.Utc.Id);
                }

                Tell(page.Items.Count, page.Next, "It was not due yet.");
            }, cancellation));
        return command;
    }

    /// <summary>Asks once; prints the answer as it came, or as <paramref name="print"/> has it.</summary>
    public static Task<int> CallAsync<T>(
        ParseResult parsed, Option<string?> url, HttpMethod method, string path, JsonTypeInfo<T> type, Action<T> print, CancellationToken cancellation) =>
        InstanceCall.WithAsync(parsed, url, async http =>
            await InstanceCall.SendAsync(http, method, path, null, cancellation) is { } body ? Print(parsed, body, type, print) : ExitCodes.Problems);

    public static int Print<T>(ParseResult parsed, string body, JsonTypeInfo<T> type, Action<T> print)
    {
        if (CommandLine.Json(parsed))
        {
            Console.Out.WriteLine(body);
        }
        else
        {
            print(JsonSerializer.Deserialize(body, type)!);
        }

        return ExitCodes.Ok;
    }

    private static void Tell(int count, string? next, string none)
    {
        if (count == 0 || next is not null)
        {
            Console.Error.WriteLine(count == 0 ? none : $"There are more: --cursor {next}");
        }
    }

    public static string Of(ParseResult parsed, Argument<string> id) => $"{Path}/{parsed.GetRequiredValue(id)}";

    private static string Paged(string path, ParseResult parsed, Option<int> limit, Option<string?> cursor) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}?limit={parsed.GetValue(limit)}")
        + (parsed.GetValue(cursor) is { } from ? $"&cursor={Uri.EscapeDataString(from)}" : "");

    private static Option<int> Limit() => new("--limit") { Description = "How many at once, 1 to 500.", HelpName = "n", DefaultValueFactory = _ => 50 };

    private static Option<string?> Cursor() => new("--cursor") { Description = "Where the list before ended, as it said." };
}
