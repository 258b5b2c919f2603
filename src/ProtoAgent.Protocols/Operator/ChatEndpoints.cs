using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

internal sealed class ChatEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services) =>
        routes.MapPost("/api/chat", (RequestDelegate)new ChatEndpoints(services).ChatAsync);

    /// <summary>One turn, whole. A caller that hangs up gets no answer; the turn goes on and is in the thread.</summary>
    private async Task ChatAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.ChatRequest);
        if (string.IsNullOrWhiteSpace(request.Message))
        {
            throw JsonBody.Missing("message", "it is what the agent is to answer.");
        }

        if (request.Incognito == true)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, "not_supported", "This version keeps every conversation; it can't run an incognito turn. Nothing was stored.", "incognito");
        }

        var turn = services.Turns.Start(new TurnRequest { Message = request.Message, ThreadId = request.SessionId, Model = request.Model, Origin = "operator" });
        await foreach (var happened in turn.Events.ReadAllAsync(context.RequestAborted))
        {
            switch (happened)
            {
                case TurnEvent.Completed done:
                    await JsonReply.WriteAsync(
                        context, new ChatAnswer(turn.ThreadId, turn.TurnId, done.Reply, new Usage(done.Usage.InputTokens, done.Usage.OutputTokens), []), OperatorJson.Default.ChatAnswer);
                    return;
                case TurnEvent.Failed failed:
                    throw TurnErrors.From(failed);
                default:
                    break;
            }
        }
    }

    internal sealed record ChatRequest(string? Message, string? SessionId, string? Model, bool? Incognito);

    /// <param name="ToolCalls">Those of this turn, in order.</param>
    internal sealed record ChatAnswer(string SessionId, string TurnId, string Reply, Usage Usage, IReadOnlyList<ToolCall> ToolCalls);

    /// <summary>Null where the model did not say.</summary>
    internal sealed record Usage(long? InputTokens, long? OutputTokens);

    internal sealed record ToolCall(string Name, string Status);
}
