using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary>
/// The person at the client, asked what a turn waits for (elicitation). A session's client is asked while the call runs; one of a
/// revision without sessions gets the questions for an answer, and calls again with what was said.
/// </summary>
internal sealed class ChatPeople(McpServices services)
{
    private const string Allow = "allow";
    private const string Answer = "answer";
    private const string Reason = "reason";

    private const int LongestArguments = 2_000;

    /// <summary>The turn whose questions this call answers; null if it begins one.</summary>
    public static string? AnsweredTurn(RequestContext<CallToolRequestParams> request) =>
        request.Params.InputResponses is { Count: > 0 } ? request.Params.RequestState : null;

    public static string Say(Approval approval) => approval.Kind == ApprovalKind.Question
        ? approval.Question ?? "The agent has a question."
        : $"The agent wants to call {approval.Tool} with {Short(approval.Arguments)}. May it?";

    /// <summary>False if the client can't ask, or the person put it off.</summary>
    /// <exception cref="InputRequiredException">The client asks, and calls again.</exception>
    public async Task<bool> AskAsync(string turnId, IReadOnlyList<Approval> open, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var server = request.Server;
        var client = server.SessionId is null ? request.JsonRpcRequest.Context?.ClientCapabilities : server.ClientCapabilities;
        if (client?.Elicitation is not { } can || (can.Form is null && can.Url is not null))
        {
            return false;
        }

        if (server.SessionId is not null)
        {
            foreach (var approval in open)
            {
                if (!await TakeAsync(approval, await AskedAsync(server, approval, cancelled)))
                {
                    return false;
                }
            }

            return true;
        }

        // Put off before: not asked again.
        return AnsweredTurn(request) is not null && open.All(a => request.Params.InputResponses!.ContainsKey(a.Id)) ? false
            : throw new InputRequiredException(new InputRequiredResult
            {
                RequestState = turnId, InputRequests = open.ToDictionary(a => a.Id, a => InputRequest.ForElicitation(Question(a))),
            });
    }

    /// <summary>What was said to the questions of an earlier call.</summary>
    public async Task TakeAsync(string turnId, RequestContext<CallToolRequestParams> request)
    {
        foreach (var approval in await services.Checkpoints.ApprovalsOfTurnAsync(turnId))
        {
            if (approval.Decision is null && request.Params.InputResponses!.TryGetValue(approval.Id, out var said))
            {
                await TakeAsync(approval, said.Deserialize(InputResponse.ElicitResultJsonTypeInfo));
            }
        }
    }

    private static async Task<ElicitResult?> AskedAsync(McpServer server, Approval approval, CancellationToken cancelled)
    {
        try
        {
            return await server.ElicitAsync(Question(approval), cancelled);
        }
        catch (McpException)
        {
            // It said it could, and does not: the turn waits as for any other client.
            return null;
        }
    }

    /// <summary>False if nothing was decided.</summary>
    private async Task<bool> TakeAsync(Approval approval, ElicitResult? said)
    {
        if (said?.Action is not ("accept" or "decline"))
        {
            return false;
        }

        var text = Text(said, approval.Kind == ApprovalKind.Question ? Answer : Reason);
        var allowed = said.IsAccepted && (approval.Kind == ApprovalKind.Question || (said.Content?.TryGetValue(Allow, out var yes) == true && yes.ValueKind == JsonValueKind.True));

        // Never cancelled by a caller that hangs up: what was decided is decided.
        await services.Turns.DecideAsync(approval.Id, allowed ? Decision.Approve : Decision.Deny, text, CancellationToken.None);
        return true;
    }

    private static ElicitRequestParams Question(Approval approval) => new()
    {
        Message = Say(approval),
        RequestedSchema = approval.Kind == ApprovalKind.Question
            ? new ElicitRequestParams.RequestSchema
            {
                Properties = { [Answer] = new ElicitRequestParams.StringSchema { Title = "Answer", Description = "What the agent is told." } }, Required = [Answer],
            }
            : new ElicitRequestParams.RequestSchema
            {
                Properties =
                {
                    [Allow] = new ElicitRequestParams.BooleanSchema { Title = "Allow", Description = "Whether the call is made." },
                    [Reason] = new ElicitRequestParams.StringSchema { Title = "Reason", Description = "Told to the agent if not." },
                },
                Required = [Allow],
            },
    };

    private static string? Text(ElicitResult said, string name) =>
        said.Content?.TryGetValue(name, out var value) == true && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string Short(string arguments) => arguments.Length <= LongestArguments ? arguments : arguments[..LongestArguments] + "…";
}
