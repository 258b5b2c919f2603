using System.CommandLine;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent approvals</c>: what waits for a person at the running instance, and the person's word on it.</summary>
internal static class ApprovalsCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command("approvals", $"What waits for a person: calls to allow, questions to answer, steps of workflows to let begin.\n{InstanceCall.Codes}")
        {
            Decision("approve", "Allow a call, or answer a question.", "The answer to a question.", url),
            Decision("deny", "Refuse a call, or leave a question without an answer.", "Why; the agent is told.", url),
        };
        command.Options.Add(url);
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(parsed, url, "/api/approvals?limit=500", List, cancellation));
        return command;
    }

    private static Command Decision(string name, string description, string about, Option<string?> url)
    {
        var id = new Argument<string>("id") { Description = "As 'protoagent approvals' shows it." }.From("/api/approvals", "id");
        var answer = new Argument<string?>("answer") { Arity = ArgumentArity.ZeroOrOne, Description = about };
        var command = new Command(name, description) { id, answer };
        command.SetAction((parsed, cancellation) => InstanceCall.PostAsync(
            parsed,
            url,
            $"/api/approvals/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}",
            new DecideRequest(name, parsed.GetValue(answer)),
            CommandJson.Default.DecideRequest,
            _ => Console.Out.WriteLine(name == "approve" ? "Approved; the turn goes on." : "Denied; the turn goes on without it."),
            cancellation));
        return command;
    }

    private static void List(string body)
    {
        var waiting = JsonSerializer.Deserialize(body, CommandJson.Default.Waiting)!.Items;
        foreach (var item in waiting)
        {
            var where = item.Kind == "gate" ? $"run {item.SessionId} of {item.Tool}" : $"session {item.SessionId}";
            Console.Out.WriteLine($"{item.Id}  {item.CreatedAt:yyyy-MM-dd HH:mm}Z  {where}");
            Console.Out.WriteLine(item.Question is { } question ? $"  asks: {question}" : $"  {item.Tool} {item.Arguments}");
        }

        Console.Error.WriteLine(waiting.Count == 0 ? "Nothing waits." : "Decide with: protoagent approvals approve <id> [answer], or deny <id> [why].");
    }

    internal sealed record DecideRequest(string Decision, string? Answer);

    internal sealed record Waiting(IReadOnlyList<WaitingItem> Items);

    internal sealed record WaitingItem(string Id, string Kind, DateTimeOffset CreatedAt, string SessionId, string Tool, string Arguments, string? Question);
}
