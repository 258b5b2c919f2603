using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>What a turn puts into its thread before a model is asked: what was said before, what came of calls, the question.</summary>
internal static class FirstSteps
{
    /// <param name="isNew">The thread begins with this turn, and takes what the caller says was said before.</param>
    public static IReadOnlyList<NewStep> Of(TurnRequest request, bool isNew)
    {
        var steps = new List<NewStep>();
        if (isNew)
        {
            AddHistory(steps, request.History);
        }

        steps.AddRange(request.CallResults.Select(r => Result(r.CallId, r.Tool, r.Text)));
        if (request.Message.Length > 0 || request.Attachments.Count > 0)
        {
            steps.Add(Said(request.Message, request.Attachments));
        }

        return steps;
    }

    /// <summary>Its calls get ids of their own where the caller's repeat, as those of some endpoints do; each result is that of the last call under its id.</summary>
    private static void AddHistory(List<NewStep> steps, IReadOnlyList<PriorMessage> history)
    {
        var known = new Dictionary<string, PriorCall>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in history)
        {
            if (message.ResultOf is { } of)
            {
                var call = known.GetValueOrDefault(of);
                steps.Add(Result(call?.CallId ?? of, call?.Tool, message.Text));
                continue;
            }

            if (!message.FromAssistant)
            {
                steps.Add(Said(message.Text, message.Attachments));
                continue;
            }

            steps.Add(new StepContent(message.Text).ToStep(StepKind.Assistant));
            foreach (var call in message.Calls)
            {
                var id = call.CallId;
                for (var i = 2; !used.Add(id); i++)
                {
                    id = $"{call.CallId}_{i}";
                }

                known[call.CallId] = call with { CallId = id };
                steps.Add(new StepContent("") { CallId = id, Tool = call.Tool, Arguments = call.Arguments, Caller = true }.ToStep(StepKind.ToolCall));
            }
        }
    }

    private static NewStep Result(string callId, string? tool, string text) =>
        new StepContent(text) { CallId = callId, Tool = tool, Status = "ok", Caller = true }.ToStep(StepKind.ToolResult);

    private static NewStep Said(string text, IReadOnlyList<Attachment> shown) =>
        new StepContent(text) { Attachments = shown.Count > 0 ? shown : null }.ToStep(StepKind.User);
}
