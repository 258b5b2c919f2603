using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Turns: begun, spoken to, cancelled, looked at.</summary>
internal sealed class ChatEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new ChatEndpoints(services);
        routes.MapPost("/api/chat", (RequestDelegate)endpoints.ChatAsync)
            .Describe("Runs one turn and answers with its reply, or at once with detach.", OperatorJson.Default.ChatRequest, needs: "message", answer: OperatorJson.Default.ChatAnswer)
            .Answers(StatusCodes.Status202Accepted, OperatorJson.Default.TurnAccepted);
        routes.MapGet("/api/chat/commands", (RequestDelegate)endpoints.CommandsAsync)
            .Describe("What can be asked for with a slash.", answer: OperatorJson.Default.CommandList).Pages();
        routes.MapGet("/api/chat/turns/{id}", (RequestDelegate)endpoints.TurnAsync)
            .Describe("How a turn stands.", answer: OperatorJson.Default.Turn);
        routes.MapPost("/api/chat/sessions/{id}/steer", (RequestDelegate)endpoints.SteerAsync)
            .Describe("Says something to the running turn.", OperatorJson.Default.SteerRequest, needs: "message").Answers(StatusCodes.Status202Accepted);
        routes.MapPost("/api/chat/sessions/{id}/cancel", (RequestDelegate)endpoints.CancelAsync)
            .Describe("Ends the turn that runs or waits.", answer: OperatorJson.Default.Turn);
    }

    /// <summary>
    /// One turn, whole; 202 if it is not waited for (<c>detach</c>) or waits for a person itself. A caller that hangs up gets
    /// no answer; the turn goes on and is in the thread.
    /// </summary>
    private async Task ChatAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.ChatRequest);
        if (string.IsNullOrWhiteSpace(request.Message))
        {
            throw JsonBody.Missing("message", "it is what the agent is to answer.");
        }

        var turn = services.Turns.Start(new TurnRequest
        {
            Message = request.Message,
            ThreadId = request.SessionId,
            Model = request.Model,
            Origin = "operator",
            Attended = request.Detach != true,
            ExpectedHead = request.Head,
            Incognito = request.Incognito == true,
        });
        if (request.Detach == true)
        {
            await DetachAsync(context, turn);
            return;
        }

        var calls = new List<ToolCall>();
        await foreach (var happened in turn.Events.ReadAllAsync(context.RequestAborted))
        {
            switch (happened)
            {
                case TurnEvent.ToolEnded call:
                    calls.Add(new ToolCall(call.Tool, call.Status));
                    break;
                case TurnEvent.Completed done:
                    await JsonReply.WriteAsync(
                        context, new ChatAnswer(turn.ThreadId, turn.TurnId, done.Reply, new Usage(done.Usage.InputTokens, done.Usage.OutputTokens), calls), OperatorJson.Default.ChatAnswer);
                    return;
                case TurnEvent.Parked:
                    await AcceptedAsync(context, turn, TurnStatus.Waiting);
                    return;
                case TurnEvent.Failed failed:
                    throw TurnErrors.From(failed);
                default:
                    break;
            }
        }
    }

    /// <summary>Answers once the turn is in the file: from then on it is not lost.</summary>
    private static async Task DetachAsync(HttpContext context, TurnHandle turn)
    {
        if (await turn.Events.ReadAsync(context.RequestAborted) is TurnEvent.Failed failed)
        {
            throw TurnErrors.From(failed);
        }

        await AcceptedAsync(context, turn, TurnStatus.Running);
    }

    private static Task AcceptedAsync(HttpContext context, TurnHandle turn, TurnStatus status) =>
        JsonReply.WriteAsync(context, new TurnAccepted(turn.ThreadId, turn.TurnId, StoredNames.Of(status)), OperatorJson.Default.TurnAccepted, StatusCodes.Status202Accepted);

    private async Task CommandsAsync(HttpContext context)
    {
        var (commands, next) = ListPage.Of(context, await services.Turns.Commands.AllAsync(context.RequestAborted), c => c.Name);
        await JsonReply.WriteAsync(context, new CommandList([.. commands.Select(c => new Command(c.Name, c.Description, c.Kind))], next), OperatorJson.Default.CommandList);
    }

    private async Task TurnAsync(HttpContext context)
    {
        var id = (string)context.GetRouteValue("id")!;
        var turn = await services.Checkpoints.GetTurnAsync(id, context.RequestAborted)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "turn_not_found", $"There is no turn '{id}' here.");
        await JsonReply.WriteAsync(context, Turn.Of(turn), OperatorJson.Default.Turn);
    }

    private async Task SteerAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.SteerRequest);
        if (string.IsNullOrWhiteSpace(request.Message))
        {
            throw JsonBody.Missing("message", "it is what the running turn is to be told.");
        }

        if (!await services.Turns.SteerAsync(Session(context), request.Message, CancellationToken.None))
        {
            throw NotRunning(context);
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task CancelAsync(HttpContext context)
    {
        var turn = await services.Turns.CancelAsync(Session(context), context.RequestAborted) ?? throw NotRunning(context);
        await JsonReply.WriteAsync(context, Turn.Of(turn), OperatorJson.Default.Turn);
    }

    private static string Session(HttpContext context) => RouteSegment.Of(context, "id");

    private static ApiException NotRunning(HttpContext context) =>
        new(StatusCodes.Status409Conflict, "turn_not_running", $"No turn runs or waits on the session '{Session(context)}'. Send a message to begin one.");

    /// <param name="Incognito">The turn is on a conversation of its own that leaves nothing behind; see <see cref="ThreadIds.ToIncognito"/>.</param>
    /// <param name="Head">The last step as the caller knows it; a conflict if there is another.</param>
    /// <param name="Detach">Answer at once; the turn runs on, over a restart too.</param>
    internal sealed record ChatRequest(string? Message, string? SessionId, string? Model, bool? Incognito, long? Head, bool? Detach);

    /// <param name="ToolCalls">Those of this turn, in the order they ended.</param>
    internal sealed record ChatAnswer(string SessionId, string TurnId, string Reply, Usage Usage, IReadOnlyList<ToolCall> ToolCalls);

    /// <summary>Null where the model did not say.</summary>
    internal sealed record Usage(long? InputTokens, long? OutputTokens);

    internal sealed record ToolCall(string Name, string Status);

    /// <param name="Status"><c>running</c>, or <c>waiting</c> for what <c>GET /api/approvals</c> shows.</param>
    internal sealed record TurnAccepted(string SessionId, string TurnId, string Status);

    internal sealed record SteerRequest(string? Message);

    internal sealed record Command(string Name, string Description, string Kind);

    internal sealed record CommandList(IReadOnlyList<Command> Items, string? Next);

    internal sealed record Turn(
        string Id, string SessionId, string Status, string Origin, string Model, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, Usage Usage, TurnError? Error)
    {
        public static Turn Of(TurnInfo turn) => new(
            turn.Id, turn.ThreadId, StoredNames.Of(turn.Status), turn.Origin, turn.Model, turn.StartedAt, turn.FinishedAt, new Usage(turn.InputTokens, turn.OutputTokens),
            turn.ErrorCode is { } code ? new TurnError(code, turn.ErrorMessage ?? "") : null);
    }

    internal sealed record TurnError(string Code, string Message);
}
