using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent approvals</c>: what waits for a person at the running instance, and the person's word on it.</summary>
internal static class ApprovalsCommand
{
    public static Command Create()
    {
        var url = new Option<string?>("--url") { Description = "Instance to talk to, when it isn't the one this directory and environment name.", Recursive = true };
        var command = new Command("approvals", "What waits for a person: calls to allow, questions to answer.\nExit codes: 0 fine, 1 an error came back, 69 the instance isn't running.")
        {
            Decision("approve", "Allow a call, or answer a question.", "The answer to a question.", url),
            Decision("deny", "Refuse a call, or leave a question without an answer.", "Why; the agent is told.", url),
        };
        command.Options.Add(url);
        command.SetAction((parsed, cancellation) => WithAsync(parsed, url, http => ListAsync(http, CommandLine.Json(parsed), cancellation)));
        return command;
    }

    private static Command Decision(string name, string description, string about, Option<string?> url)
    {
        var id = new Argument<string>("id") { Description = "As 'protoagent approvals' shows it." };
        var answer = new Argument<string?>("answer") { Arity = ArgumentArity.ZeroOrOne, Description = about };
        var command = new Command(name, description) { id, answer };
        command.SetAction((parsed, cancellation) => WithAsync(parsed, url, async http =>
        {
            using var reply = await http.PostAsJsonAsync(
                $"/api/approvals/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}", new DecideRequest(name, parsed.GetValue(answer)), CommandJson.Default.DecideRequest, cancellation);
            var body = await reply.Content.ReadAsStringAsync(cancellation);
            if (!reply.IsSuccessStatusCode)
            {
                return ChatCommand.Complain(body);
            }

            Console.Out.WriteLine(CommandLine.Json(parsed) ? body : name == "approve" ? "Approved; the turn goes on." : "Denied; the turn goes on without it.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static async Task<int> ListAsync(HttpClient http, bool json, CancellationToken cancellation)
    {
        using var reply = await http.GetAsync("/api/approvals", cancellation);
        var body = await reply.Content.ReadAsStringAsync(cancellation);
        if (!reply.IsSuccessStatusCode)
        {
            return ChatCommand.Complain(body);
        }

        if (json)
        {
            Console.Out.WriteLine(body);
            return ExitCodes.Ok;
        }

        var waiting = JsonSerializer.Deserialize(body, CommandJson.Default.Waiting)!.Items;
        foreach (var item in waiting)
        {
            Console.Out.WriteLine($"{item.Id}  {item.CreatedAt:yyyy-MM-dd HH:mm}Z  session {item.SessionId}");
            Console.Out.WriteLine(item.Question is { } question ? $"  asks: {question}" : $"  {item.Tool} {item.Arguments}");
        }

        Console.Error.WriteLine(waiting.Count == 0 ? "Nothing waits." : "Decide with: protoagent approvals approve <id> [answer], or deny <id> [why].");
        return ExitCodes.Ok;
    }

    private static async Task<int> WithAsync(ParseResult parsed, Option<string?> url, Func<HttpClient, Task<int>> ask)
    {
        if (ChatTarget.Find(InstanceConfiguration.Load(CommandLine.Sources(parsed)), parsed.GetValue(url)) is not { } target)
        {
            return ExitCodes.Unavailable;
        }

        using var http = target.Client();
        try
        {
            return await ask(http);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Console.Error.WriteLine($"protoagent: {target.Name} at {http.BaseAddress} did not answer: {e.Message}");
            return ExitCodes.Unavailable;
        }
    }

    internal sealed record DecideRequest(string Decision, string? Answer);

    internal sealed record Waiting(IReadOnlyList<WaitingItem> Items);

    internal sealed record WaitingItem(string Id, DateTimeOffset CreatedAt, string SessionId, string Tool, string Arguments, string? Question);
}
