using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What waits for a person: calls to allow, questions to answer, steps of workflows to let begin.</summary>
internal sealed class ApprovalEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new ApprovalEndpoints(services);
        routes.MapGet("/api/approvals", (RequestDelegate)endpoints.ListAsync)
            .Describe("What waits for a person, oldest first.", answer: OperatorJson.Default.ApprovalList).Pages();
        routes.MapPost("/api/approvals/{id}", (RequestDelegate)endpoints.DecideAsync)
            .Describe("Decides it; the first decision stands.", OperatorJson.Default.DecideRequest, needs: "decision", answer: OperatorJson.Default.ApprovalItem);
    }

    /// <summary>Oldest first, of at most 500: what is decided makes room.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var open = await services.Checkpoints.ListApprovalsAsync(CheckpointStore.MaxPage, context.RequestAborted);
        var all = open.Select(ApprovalItem.Of).Concat((await GatesAsync(context)).Select(ApprovalItem.Of));
        var (items, next) = ListPage.Of(context, all, i => string.Create(CultureInfo.InvariantCulture, $"{i.CreatedAt.UtcTicks:D19}:{i.Id}"));
        await JsonReply.WriteAsync(context, new ApprovalList(items, next), OperatorJson.Default.ApprovalList);
    }

    /// <summary>A file of runs in trouble, which a standing warning tells of, takes nothing away from the rest.</summary>
    private async Task<IReadOnlyList<Gate>> GatesAsync(HttpContext context)
    {
        try
        {
            return await services.Workflows.OpenGatesAsync(WorkflowRunStore.MaxPage, context.RequestAborted);
        }
        catch (StoreException)
        {
            return [];
        }
    }

    private async Task DecideAsync(HttpContext context)
    {
        var id = (string)context.GetRouteValue("id")!;
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.DecideRequest);
        var decision = request.Decision switch
        {
            "approve" => Decision.Approve,
            "deny" => Decision.Deny,
            _ => throw new ApiException(StatusCodes.Status400BadRequest, "bad_decision", "decision must be approve or deny.", "decision"),
        };

        // Never cancelled by a caller that hangs up: what was decided is decided.
        var taken = await services.Turns.DecideAsync(id, decision, request.Answer, CancellationToken.None);
        if (taken is null)
        {
            await PassAsync(context, id, decision, request.Answer);
            return;
        }

        if (!taken.Taken && taken.Approval.Decision != decision)
        {
            throw Decided(id, StoredNames.Of(taken.Approval.Decision!.Value));
        }

        await JsonReply.WriteAsync(context, ApprovalItem.Of(taken.Approval), OperatorJson.Default.ApprovalItem);
    }

    private async Task PassAsync(HttpContext context, string id, Decision decision, string? answer)
    {
        var said = decision == Decision.Approve ? GateDecision.Approve : GateDecision.Deny;
        var taken = await services.Workflows.DecideAsync(id, said, answer)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "approval_not_found", $"There is no approval '{id}' here. GET /api/approvals lists those that are open.");
        if (!taken.Taken && taken.Gate.Decision != said)
        {
            throw Decided(id, WorkflowNames.Of(taken.Gate.Decision!.Value));
        }

        await JsonReply.WriteAsync(context, ApprovalItem.Of(taken.Gate), OperatorJson.Default.ApprovalItem);
    }

    private static ApiException Decided(string id, string how) => new(StatusCodes.Status409Conflict, "already_decided", $"The approval '{id}' was decided before: {how}.");

    /// <param name="Answer">To a question; of a denial, why.</param>
    internal sealed record DecideRequest(string? Decision, string? Answer);

    internal sealed record ApprovalList(IReadOnlyList<ApprovalItem> Items, string? Next);

    /// <param name="Kind"><c>approve</c>, <c>question</c>, or <c>gate</c>: a step of a workflow that waits to begin.</param>
    /// <param name="SessionId">Of a gate: the run's id.</param>
    /// <param name="TurnId">Of a gate: the step's.</param>
    /// <param name="Tool">Of a gate: the workflow's name.</param>
    /// <param name="Arguments">JSON, as the model gave them; of a gate what the step is to do.</param>
    /// <param name="Decision">Null while it is open.</param>
    internal sealed record ApprovalItem(
        string Id, string Kind, string SessionId, string TurnId, string Tool, string Arguments, string? Question, DateTimeOffset CreatedAt, string? Decision, string? Answer, DateTimeOffset? DecidedAt)
    {
        public static ApprovalItem Of(Approval a) => new(
            a.Id, StoredNames.Of(a.Kind), a.ThreadId, a.TurnId, a.Tool, a.Arguments, a.Question, a.CreatedAt,
            a.Decision is { } decision ? StoredNames.Of(decision) : null, a.Answer, a.DecidedAt);

        public static ApprovalItem Of(Gate g) => new(
            g.Id, "gate", g.RunId, g.StepId, g.Workflow, new JsonObject { ["prompt"] = g.Prompt }.ToJsonString(), g.Question, g.CreatedAt,
            g.Decision is { } decision ? WorkflowNames.Of(decision) : null, g.Answer, g.DecidedAt);
    }
}
