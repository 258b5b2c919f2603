using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the agent may call, and whom it may send.</summary>
internal sealed class ToolEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new ToolEndpoints(services);
        routes.MapGet("/api/tools", (RequestDelegate)endpoints.ToolsAsync)
            .Describe("What the agent may call, with schemas.", answer: OperatorJson.Default.ToolList).Pages();
        routes.MapGet("/api/subagents", (RequestDelegate)endpoints.SubagentsAsync)
            .Describe("Whom it may send.", answer: OperatorJson.Default.SubagentList).Pages();
        routes.MapPost("/api/subagents/run", (RequestDelegate)endpoints.RunAsync)
            .Describe("One task for one subagent.", OperatorJson.Default.RunRequest, needs: "agent, prompt", answer: OperatorJson.Default.ChatAnswer)
            .Answers(StatusCodes.Status202Accepted, OperatorJson.Default.TurnAccepted);
    }

    private Task ToolsAsync(HttpContext context)
    {
        var tools = services.Turns.Tools;
        var (items, next) = ListPage.Of(context, tools.All(), t => t.Name);
        return JsonReply.WriteAsync(
            context,
            new ToolList([.. items.Select(t => ToolItem.Of(tools, t))], next),
            OperatorJson.Default.ToolList);
    }

    private Task SubagentsAsync(HttpContext context)
    {
        var (items, next) = ListPage.Of(context, services.Turns.Subagents, s => s.Name);
        return JsonReply.WriteAsync(
            context, new SubagentList([.. items.Select(s => new Subagent(s.Name, s.Description, s.Tools, s.Model, s.MaxRounds))], next), OperatorJson.Default.SubagentList);
    }

    /// <summary>One task for one subagent, in a session of its own, as its slash command would.</summary>
    private async Task RunAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.RunRequest);
        if (string.IsNullOrWhiteSpace(request.Prompt))
        {
            throw JsonBody.Missing("prompt", "it is what the subagent is to do.");
        }

        if (services.Turns.Subagents.FirstOrDefault(s => s.Name == request.Agent) is not { } subagent)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound, "subagent_not_found", $"There is no subagent '{request.Agent}'. There is: {string.Join(", ", services.Turns.Subagents.Select(s => s.Name))}.", "agent");
        }

        var turn = services.Turns.Start(new TurnRequest { Message = $"/{subagent.Name} {request.Prompt}", Origin = "operator", ThreadId = request.SessionId });
        switch (await turn.Completion.WaitAsync(context.RequestAborted))
        {
            case TurnEvent.Completed done:
                await JsonReply.WriteAsync(
                    context,
                    new ChatEndpoints.ChatAnswer(turn.ThreadId, turn.TurnId, done.Reply, new ChatEndpoints.Usage(done.Usage.InputTokens, done.Usage.OutputTokens), []),
                    OperatorJson.Default.ChatAnswer);
                break;
            case TurnEvent.Failed failed:
                throw TurnErrors.From(failed);
            default:
                await JsonReply.WriteAsync(
                    context, new ChatEndpoints.TurnAccepted(turn.ThreadId, turn.TurnId, "waiting"), OperatorJson.Default.TurnAccepted, StatusCodes.Status202Accepted);
                break;
        }
    }

    /// <param name="Offered">By configuration.</param>
    /// <param name="NotOffered">Why not: <c>disabled</c> or <c>not_enabled</c>; null when it is.</param>
    internal sealed record ToolItem(string Name, string Description, bool Offered, string? NotOffered, bool NeedsApproval, JsonElement Schema)
    {
        public static ToolItem Of(ToolCatalog tools, Tool tool) =>
            new(tool.Name, tool.Description, tools.IsOffered(tool), tools.WhyNotOffered(tool), tools.NeedsApproval(tool), tool.Schema);
    }

    internal sealed record ToolList(IReadOnlyList<ToolItem> Items, string? Next);

    internal sealed record Subagent(string Name, string Description, IReadOnlyList<string> Tools, string? Model, int MaxRounds);

    internal sealed record SubagentList(IReadOnlyList<Subagent> Items, string? Next);

    internal sealed record RunRequest(string? Agent, string? Prompt, string? SessionId);
}
