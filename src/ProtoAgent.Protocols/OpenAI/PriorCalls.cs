using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>Calls the caller made, and their results: each belongs to one of the other.</summary>
internal static class PriorCalls
{
    /// <summary>Of a conversation the caller brings whole: every call has its result, before anybody says something else.</summary>
    /// <exception cref="ApiException">400 naming the calls.</exception>
    public static void Check(IReadOnlyList<PriorMessage> spoken, string field)
    {
        var open = new List<string>();
        foreach (var message in spoken)
        {
            if (message.ResultOf is { } of)
            {
                if (!open.Remove(of))
                {
                    throw Fields.Bad(field, $"There is a result of the call '{of}', and no call of that id before it without one.");
                }
            }
            else if (open.Count > 0)
            {
                throw Missing(open, field);
            }
            else
            {
                open.AddRange(message.Calls.Select(c => c.CallId));
            }
        }

        if (open.Count > 0)
        {
            throw Missing(open, field);
        }
    }

    /// <summary>Of a thread that is gone on with: the results are those of its open calls, all of them. The turn then begins only if nothing came between.</summary>
    /// <exception cref="ApiException">400 naming the calls.</exception>
    public static async Task<TurnRequest> MatchAsync(ICheckpointStore checkpoints, TurnRequest request, string field, CancellationToken cancellationToken)
    {
        if (request.CallResults.Count == 0)
        {
            return request;
        }

        var thread = request.Incognito ? ThreadIds.ToIncognito(request.ThreadId!) : request.ThreadId!;
        var open = await OpenCallerCalls.OfAsync(checkpoints, thread, cancellationToken);
        if (request.CallResults.FirstOrDefault(r => open.Calls.All(c => c.CallId != r.CallId)) is { } stray)
        {
            throw Fields.Bad(field, open.Calls.Count == 0
                ? $"The session '{thread}' waits for no result of a call, and there is one of '{stray.CallId}'. It was brought before, or the session has gone on without it."
                : $"The session '{thread}' has no open call '{stray.CallId}'; it waits for {Listed(open.Calls.Select(c => c.CallId))}.");
        }

        if (request.CallResults.GroupBy(r => r.CallId).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Fields.Bad(field, $"There are two results of the call '{twice.Key}'.");
        }

        var missing = open.Calls.Where(c => request.CallResults.All(r => r.CallId != c.CallId)).Select(c => c.CallId).ToList();
        return missing.Count > 0 ? throw Missing(missing, field) : request with
        {
            ExpectedHead = open.Head,
            CallResults = [.. request.CallResults.Select(r => r with { Tool = open.Calls.First(c => c.CallId == r.CallId).Tool })],
        };
    }

    private static ApiException Missing(IReadOnlyList<string> calls, string field) =>
        Fields.Bad(field, $"Every call needs its result before the conversation goes on, and there is none of {Listed(calls)}.");

    private static string Listed(IEnumerable<string> calls) => string.Join(", ", calls.Select(c => $"'{c}'"));
}
