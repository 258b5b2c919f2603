using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>What the agent says to how a task stands.</summary>
internal static class StatusMessages
{
    private const int LongestArguments = 2000;

    public static Message Say(A2ATask task, string text, params IEnumerable<Part> more) => new()
    {
        MessageId = Guid.CreateVersion7().ToString(), ContextId = task.ContextId, TaskId = task.Id, Role = Role.Agent, Parts = [Part.Of(text), .. more],
    };

    /// <summary>Asks for the first of what waits, and shows all of it.</summary>
    /// <param name="open">Not decided yet, oldest first.</param>
    /// <param name="unclear">Why the last answer was none; null if it was not.</param>
    public static Message Ask(A2ATask task, IReadOnlyList<Approval> open, string? unclear)
    {
        if (open.Count == 0)
        {
            return Say(task, "Something this task began waits for a person. The agent's operator decides it; the task goes on by itself then.");
        }

        var text = Question(open[0]);
        if (open.Count > 1)
        {
            text += $" ({open.Count} things are to be decided. A text decides the first; a data part {{\"approval_id\", \"decision\", \"answer\"}} decides the one it names.)";
        }

        return Say(task, unclear is null ? text : $"{unclear} {text}", open.Select(Details));
    }

    private static string Question(Approval approval) => approval.Kind == ApprovalKind.Question
        ? approval.Question ?? "The agent asks something and did not say what."
        : $"May {approval.Tool} be called with {Short(approval.Arguments)}? Answer yes or no.";

    private static Part Details(Approval approval)
    {
        var details = new JsonObject { ["approval_id"] = approval.Id, ["kind"] = StoredNames.Of(approval.Kind), ["tool"] = approval.Tool };
        if (approval.Kind == ApprovalKind.Question)
        {
            details["question"] = approval.Question;
        }
        else
        {
            details["arguments"] = Parsed(approval.Arguments);
        }

        return Part.Of(JsonElement.Parse(details.ToJsonString()));
    }

    private static JsonNode? Parsed(string arguments)
    {
        try
        {
            return JsonNode.Parse(arguments);
        }
        catch (JsonException)
        {
            return arguments;
        }
    }

    private static string Short(string arguments) => arguments.Length <= LongestArguments ? arguments : arguments[..LongestArguments] + "…";
}
