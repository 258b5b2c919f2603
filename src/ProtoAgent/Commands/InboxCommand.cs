using System.CommandLine;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent inbox</c>: what waits for the agent at the running instance, and something more for it.</summary>
internal static class InboxCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var all = new Option<bool>("--all") { Description = "Also what was read or given up." };
        var limit = new Option<int>("--limit") { Description = "At most so many, 1 to 500.", DefaultValueFactory = _ => 50 };
        var command = new Command("inbox", $"What waits in the inbox, the most urgent first.\n{InstanceCall.Codes}")
        {
            Add(url),
            One("deliver", "Say that an item is dealt with; the agent does not read it.", HttpMethod.Post, "/deliver", "It is dealt with.", url),
            One("delete", "Delete an item.", HttpMethod.Delete, "", "It is deleted.", url),
        };
        command.Options.Add(url);
        command.Options.Add(all);
        command.Options.Add(limit);
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed,
            url,
            $"/api/inbox?priority_floor=later&limit={parsed.GetValue(limit)}{(parsed.GetValue(all) ? "&include_delivered=true" : "")}",
            List,
            cancellation));
        return command;
    }

    private static Command Add(Option<string?> url)
    {
        var text = new Argument<string?>("text") { Arity = ArgumentArity.ZeroOrOne, Description = "What the agent is to read. Without it: from stdin." };
        var priority = new Option<string>("--priority") { Description = "now: the agent is woken for it; next: with the next turn that looks; later.", DefaultValueFactory = _ => "next" };
        priority.AcceptOnlyFromAmong("now", "next", "later");
        var source = new Option<string>("--source") { Description = "Who sends it.", DefaultValueFactory = _ => "cli" };
        var key = new Option<string?>("--key") { Description = "Names what it is about: a second one with the same key is left out for a while (inbox.dedup_seconds)." };
        var command = new Command("add", "Leave something for the agent. It is on the disk when this returns.") { text, priority, source, key };
        command.SetAction(async (parsed, cancellation) => await InstanceCall.PostAsync(
            parsed,
            url,
            "/api/inbox",
            new NewItem(
                parsed.GetValue(text) ?? await Console.In.ReadToEndAsync(cancellation), parsed.GetRequiredValue(priority), parsed.GetRequiredValue(source), parsed.GetValue(key)),
            CommandJson.Default.NewItem,
            Added,
            cancellation));
        return command;
    }

    private static Command One(string name, string description, HttpMethod method, string behind, string done, Option<string?> url)
    {
        var id = new Argument<string>("id") { Description = "As 'protoagent inbox' shows it." }.From("/api/inbox?priority_floor=later&limit=100", "id");
        var command = new Command(name, description) { id };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, method, $"/api/inbox/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}{behind}", _ => Console.Out.WriteLine(done), cancellation));
        return command;
    }

    private static void Added(string body)
    {
        var posted = JsonSerializer.Deserialize(body, CommandJson.Default.Posted)!;
        Console.Out.WriteLine(posted.Item.Id);
        if (posted.Deduplicated == true)
        {
            Console.Error.WriteLine("It was there already, under the same key; nothing was added.");
        }
    }

    private static void List(string body)
    {
        var page = JsonSerializer.Deserialize(body, CommandJson.Default.Inbox)!;
        foreach (var item in page.Items)
        {
            Console.Out.WriteLine($"{item.Id}  {item.Priority,-5}  {item.Status,-9}  {item.CreatedAt:yyyy-MM-dd HH:mm}Z  from {item.Source}");
            Console.Out.WriteLine($"  {item.Text.ReplaceLineEndings("\n  ")}");
            if (item is { LastError: { } error, Status: not "delivered" })
            {
                Console.Out.WriteLine($"  ({(item.Attempts == 0 ? "put back" : $"{item.Attempts} failed")}: {error})");
            }
        }

        if (page.Items.Count == 0)
        {
            Console.Error.WriteLine("Nothing waits.");
        }
        else if (page.Next is not null)
        {
            Console.Error.WriteLine("There is more: --limit shows it.");
        }
    }

    internal sealed record NewItem(string Text, string Priority, string Source, string? DedupKey);

    internal sealed record Posted(InboxItem Item, bool? Deduplicated);

    internal sealed record Inbox(IReadOnlyList<InboxItem> Items, string? Next);

    internal sealed record InboxItem(string Id, string Text, string Priority, string Source, string Status, DateTimeOffset CreatedAt, long Attempts, string? LastError);
}
