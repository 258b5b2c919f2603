using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent memory</c>: what the running instance remembers of its conversations, and what stands before each.</summary>
internal static class MemoryCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command("memory", $"What the running instance remembers of its conversations.\n{InstanceCall.Codes}")
        {
            Sessions(url), Show(url), Forget(url), Harvest(url), Hot(url), Injections(url),
        };
        command.Options.Add(url);
        return command;
    }

    private static Command Sessions(Option<string?> url)
    {
        var limit = Limit();
        var command = new Command("sessions", "The sessions something is remembered of, the latest first.") { limit };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed, url, $"/api/memory/sessions?limit={parsed.GetValue(limit)}",
            body =>
            {
                var page = JsonSerializer.Deserialize(body, MemoryCommandJson.Default.RememberedList)!;
                foreach (var s in page.Items)
                {
                    Console.Out.WriteLine($"{s.SessionId}  {s.Timestamp:yyyy-MM-dd HH:mm}Z  {s.Surface}  {s.MessageCount} messages  {s.Topic}");
                }

                Say(page.Items.Count == 0, "Nothing is remembered yet.");
                Say(page.Next is not null, "There is more: --limit shows up to 500.");
            },
            cancellation));
        return command;
    }

    private static Command Show(Option<string?> url)
    {
        var id = Session();
        var command = new Command("show", "All that is remembered of a session.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed, url, $"/api/memory/sessions/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}",
            body =>
            {
                var s = JsonSerializer.Deserialize(body, MemoryCommandJson.Default.Remembered)!;
                Console.Out.WriteLine($"{s.SessionId}, through {s.Surface}, {s.StartedAt:yyyy-MM-dd HH:mm}Z to {s.Timestamp:yyyy-MM-dd HH:mm}Z, {s.MessageCount} messages");
                Say(s.ToolCalls is { Count: > 0 }, $"called: {string.Join(", ", s.ToolCalls!.Select(t => $"{t.Name} ({t.Count})"))}", Console.Out);
                foreach (var message in s.Messages ?? [])
                {
                    Console.Out.WriteLine($"\n{message.Role}:\n  {message.Content.ReplaceLineEndings("\n  ")}");
                }
            },
            cancellation));
        return command;
    }

    private static Command Forget(Option<string?> url)
    {
        var id = Session();
        var command = new Command("forget", "Forget a session. Its thread stays; what was said in it by now is not remembered again.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Delete, $"/api/memory/sessions/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", _ => Console.Out.WriteLine("It is forgotten."), cancellation));
        return command;
    }

    private static Command Harvest(Option<string?> url)
    {
        var id = Session();
        var command = new Command("harvest", "Take facts from a session now, as if it were over.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Post, $"/api/memory/sessions/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/harvest",
            body => Console.Out.WriteLine($"New facts: {JsonSerializer.Deserialize(body, MemoryCommandJson.Default.HarvestedFacts)!.Facts}."), cancellation));
        return command;
    }

    private static Command Hot(Option<string?> url)
    {
        var command = new Command("hot", "The facts that stand before every conversation.") { AddHot(url), EditHot(url), DeleteHot(url) };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed, url, "/api/memory/hot?limit=500",
            body =>
            {
                var page = JsonSerializer.Deserialize(body, MemoryCommandJson.Default.HotList)!;
                foreach (var fact in page.Items)
                {
                    Console.Out.WriteLine(Line(fact));
                }

                Say(page.Items.Count == 0, "There is none. 'protoagent memory hot add <fact>' puts one there.");
            },
            cancellation));
        return command;
    }

    private static Command AddHot(Option<string?> url)
    {
        var content = new Argument<string>("fact") { Description = "At most 500 characters: it is paid for in every turn." };
        var command = new Command("add", "Put a fact before every conversation.") { content };
        command.SetAction((parsed, cancellation) => InstanceCall.PostAsync(
            parsed, url, "/api/memory/hot", new HotFact(parsed.GetRequiredValue(content)), MemoryCommandJson.Default.HotFact,
            body => Console.Out.WriteLine(Line(JsonSerializer.Deserialize(body, MemoryCommandJson.Default.HotItem)!)), cancellation));
        return command;
    }

    private static Command EditHot(Option<string?> url)
    {
        var (id, content) = (Number(), new Argument<string>("fact") { Description = "What it is to say." });
        var command = new Command("edit", "Change one.") { id, content };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            using var body = JsonContent.Create(new HotFact(parsed.GetRequiredValue(content)), MemoryCommandJson.Default.HotFact);
            if (await InstanceCall.SendAsync(http, HttpMethod.Put, $"/api/memory/hot/{parsed.GetRequiredValue(id)}", body, cancellation) is not { } answer)
            {
                return ExitCodes.Problems;
            }

            Console.Out.WriteLine(CommandLine.Json(parsed) ? answer : Line(JsonSerializer.Deserialize(answer, MemoryCommandJson.Default.HotItem)!));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command DeleteHot(Option<string?> url)
    {
        var id = Number();
        var command = new Command("delete", "Take one out.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Delete, $"/api/memory/hot/{parsed.GetRequiredValue(id)}", _ => Console.Out.WriteLine("It is out."), cancellation));
        return command;
    }

    private static Command Injections(Option<string?> url)
    {
        var (limit, session) = (Limit(), new Option<string?>("--session") { Description = "Only of this session.", HelpName = "id" });
        var command = new Command("injections", "What of the memory entered which turn, the latest first.") { limit, session };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed, url, $"/api/memory/injections?limit={parsed.GetValue(limit)}{(parsed.GetValue(session) is { } id ? $"&session_id={Uri.EscapeDataString(id)}" : "")}",
            body =>
            {
                var page = JsonSerializer.Deserialize(body, MemoryCommandJson.Default.InjectedList)!;
                foreach (var turn in page.Items)
                {
                    Console.Out.WriteLine($"{turn.At:yyyy-MM-dd HH:mm:ss}Z  session {turn.SessionId}  turn {turn.TurnId}  {turn.Characters} characters");
                    Console.Out.WriteLine($"  {string.Join(", ", turn.Items.Select(i => i.Kind == "session" ? $"session {i.Id}" : $"{i.Kind} #{i.Id} ({i.Trust})"))}");
                }

                Say(page.Items.Count == 0, "Nothing of the memory has entered a turn.");
                Say(page.Next is not null, "There is more: --limit shows up to 500.");
            },
            cancellation));
        return command;
    }

    private static string Line(HotItem fact) => $"#{fact.Id} ({fact.Trust}, {fact.UpdatedAt:yyyy-MM-dd}) {fact.Content.ReplaceLineEndings(" ")}";

    private static Argument<string> Session() => new("session") { Description = "As 'protoagent memory sessions' shows it." };

    private static Argument<long> Number() => new("id") { Description = "The number 'protoagent memory hot' shows." };

    private static Option<int> Limit() => new("--limit") { Description = "At most so many, 1 to 500.", DefaultValueFactory = _ => 50 };

    private static void Say(bool when, string text, TextWriter? to = null)
    {
        if (when)
        {
            (to ?? Console.Error).WriteLine(text);
        }
    }

    internal sealed record HotFact(string Content);

    internal sealed record HotItem(long Id, string Content, string Trust, DateTimeOffset UpdatedAt);

    internal sealed record HotList(IReadOnlyList<HotItem> Items);

    internal sealed record Remembered(
        string SessionId, string Surface, string Topic, DateTimeOffset StartedAt, DateTimeOffset Timestamp, int MessageCount, IReadOnlyList<Said>? Messages, IReadOnlyList<Called>? ToolCalls);

    internal sealed record Said(string Role, string Content);

    internal sealed record Called(string Name, long Count);

    internal sealed record RememberedList(IReadOnlyList<Remembered> Items, string? Next);

    internal sealed record HarvestedFacts(int Facts);

    internal sealed record Injected(string TurnId, string SessionId, DateTimeOffset At, int Characters, IReadOnlyList<InjectedItem> Items);

    internal sealed record InjectedItem(string Kind, string Id, string? Trust);

    internal sealed record InjectedList(IReadOnlyList<Injected> Items, string? Next);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(MemoryCommand.HotFact))]
[JsonSerializable(typeof(MemoryCommand.HotItem))]
[JsonSerializable(typeof(MemoryCommand.HotList))]
[JsonSerializable(typeof(MemoryCommand.Remembered))]
[JsonSerializable(typeof(MemoryCommand.RememberedList))]
[JsonSerializable(typeof(MemoryCommand.HarvestedFacts))]
[JsonSerializable(typeof(MemoryCommand.InjectedList))]
internal sealed partial class MemoryCommandJson : JsonSerializerContext;
