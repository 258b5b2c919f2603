using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What waits for a person: calls to allow, questions to answer.</summary>
internal sealed class ApprovalEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new ApprovalEndpoints(services);
        routes.MapGet("/api/approvals", (RequestDelegate)endpoints.ListAsync);
        routes.MapPost("/api/approvals/{id}", (RequestDelegate)endpoints.DecideAsync);
    }

    /// <summary>Oldest first, at most a page: what is decided makes room.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var open = await services.Checkpoints.ListApprovalsAsync(CheckpointStore.MaxPage, context.RequestAborted);
        await JsonReply.WriteAsync(context, new ApprovalList([.. open.Select(ApprovalItem.Of)], null), OperatorJson.Default.ApprovalList);
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
        var taken = await services.Turns.DecideAsync(id, decision, request.Answer, CancellationToken.None)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "approval_not_found", $"There is no approval '{id}' here. GET /api/approvals lists those that are open.");
        if (!taken.Taken && taken.Approval.Decision != decision)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "already_decided", $"The approval '{id}' was decided before: {StoredNames.Of(taken.Approval.Decision!.Value)}.");
        }

        await JsonReply.WriteAsync(context, ApprovalItem.Of(taken.Approval), OperatorJson.Default.ApprovalItem);
    }

    /// <param name="Answer">To a question; of a denial, why.</param>
    internal sealed record DecideRequest(string? Decision, string? Answer);

    internal sealed record ApprovalList(IReadOnlyList<ApprovalItem> Items, string? Next);

    /// <param name="Kind"><c>approve</c> or <c>question</c>.</param>
    /// <param name="Arguments">JSON, as the model gave them.</param>
    /// <param name="Decision">Null while it is open.</param>
    internal sealed record ApprovalItem(
        string Id, string Kind, string SessionId, string TurnId, string Tool, string Arguments, string? Question, DateTimeOffset CreatedAt, string? Decision, string? Answer, DateTimeOffset? DecidedAt)
    {
        public static ApprovalItem Of(Approval a) => new(
            a.Id, StoredNames.Of(a.Kind), a.ThreadId, a.TurnId, a.Tool, a.Arguments, a.Question, a.CreatedAt,
            a.Decision is { } decision ? StoredNames.Of(decision) : null, a.Answer, a.DecidedAt);
    }
}
