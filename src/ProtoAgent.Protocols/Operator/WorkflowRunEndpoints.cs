using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Runs of workflows: looked at, gone on with, cancelled.</summary>
internal sealed class WorkflowRunEndpoints(WorkflowRunner workflows)
{
    private const int DefaultLimit = 50;
    private const int LongestWait = 60;

    public static void Map(IEndpointRouteBuilder routes, WorkflowRunner workflows)
    {
        var endpoints = new WorkflowRunEndpoints(workflows);
        routes.MapGet("/api/workflows/runs", (RequestDelegate)endpoints.ListAsync)
            .Describe("The runs, newest first.", answer: WorkflowJson.Default.RunList)
            .Pages()
            .With(ApiParameter.Text("workflow", "Only of this one."), ApiParameter.OneOf("status", "Only those that are.", "running", "waiting", "done", "failed", "cancelled"));
        routes.MapGet("/api/workflows/runs/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One run with its steps.", answer: WorkflowJson.Default.WorkflowRun)
            .With(ApiParameter.Number("wait", 0, LongestWait, "Seconds to wait for another version."), ApiParameter.Number("version", 0, int.MaxValue, "The one the caller knows."));
        routes.MapPost("/api/workflows/runs/{id}/resume", (RequestDelegate)endpoints.ResumeAsync)
            .Describe("Past a gate, or on with what failed.", WorkflowJson.Default.ResumeRequest, answer: WorkflowJson.Default.WorkflowRun);
        routes.MapPost("/api/workflows/runs/{id}/cancel", (RequestDelegate)endpoints.CancelAsync)
            .Describe("Ends a run.", answer: WorkflowJson.Default.WorkflowRun);
    }

    /// <summary>Newest first, without their steps.</summary>
    private async Task ListAsync(HttpContext context)
    {
        WorkflowStatus? status = Query(context, "status") is not { } given ? null
            : WorkflowNames.Status(given) ?? throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_status", $"status must be running, waiting, done, failed or cancelled, not '{given}'.", "status");
        WorkflowRunPage page;
        try
        {
            page = await workflows.ListAsync(Query(context, "workflow"), status, Number(context, "limit", DefaultLimit, 1, WorkflowRunStore.MaxPage), Query(context, "cursor"), context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");
        }

        await JsonReply.WriteAsync(context, new RunList([.. page.Items.Select(r => Run.Of(r))], page.Next), WorkflowJson.Default.RunList);
    }

    /// <summary>With <c>wait</c> (seconds) and the <c>version</c> the caller knows: answers when there is another, or the time is over.</summary>
    private async Task GetAsync(HttpContext context)
    {
        var (wait, version) = (Number(context, "wait", 0, 0, LongestWait), Number(context, "version", 0, 0, int.MaxValue));
        var run = wait == 0 ? await workflows.GetAsync(Id(context))
            : await workflows.ChangedAsync(Id(context), version, TimeSpan.FromSeconds(wait), context.RequestAborted);
        await JsonReply.WriteAsync(context, Run.Of(run ?? throw NotFound(context)), WorkflowJson.Default.WorkflowRun);
    }

    /// <summary>Past the gate it waits at, or on with what is not done.</summary>
    private Task ResumeAsync(HttpContext context) => WorkflowEndpoints.GuardedAsync(async () =>
    {
        var request = context.Request.ContentLength is null or 0 && !context.Request.HasJsonContentType() ? new ResumeRequest(null, null, null)
            : await JsonBody.ReadAsync(context, WorkflowJson.Default.ResumeRequest);
        var decision = request.Decision switch
        {
            null or "approve" => GateDecision.Approve,
            "deny" => GateDecision.Deny,
            _ => throw new ApiException(StatusCodes.Status400BadRequest, "bad_decision", "decision must be approve or deny.", "decision"),
        };
        var run = await workflows.ResumeAsync(Id(context), request.Step, decision, request.Answer) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, Run.Of(run), WorkflowJson.Default.WorkflowRun);
    });

    private Task CancelAsync(HttpContext context) => WorkflowEndpoints.GuardedAsync(async () =>
    {
        var run = await workflows.CancelAsync(Id(context), context.RequestAborted) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, Run.Of(run), WorkflowJson.Default.WorkflowRun);
    });

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static ApiException NotFound(HttpContext context) => new(
        StatusCodes.Status404NotFound, "run_not_found", $"There is no run '{Id(context)}' here. GET /api/workflows/runs lists those there are.");

    private static string? Query(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static int Number(HttpContext context, string name, int otherwise, int min, int max) =>
        Query(context, name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{name}", $"{name} must be a whole number from {min} to {max}.", name);

    /// <param name="Status"><c>running</c>, <c>waiting</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</param>
    /// <param name="Version">Rises with everything that happens to the run.</param>
    /// <param name="Steps">In the recipe's order; null in a list.</param>
    internal sealed record Run(
        string Id, string Workflow, string Status, long Version, string Origin, JsonNode? Inputs, string? Output, Error? Error,
        DateTimeOffset StartedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt, IReadOnlyList<RunStep>? Steps)
    {
        public static Run Of(WorkflowRun r, IReadOnlyList<RunStep>? steps = null) => new(
            r.Id, r.Workflow, WorkflowNames.Of(r.Status), r.Version, r.Origin, JsonNode.Parse(r.Inputs), r.Output, Error.Of(r.ErrorCode, r.ErrorMessage), r.StartedAt, r.UpdatedAt, r.FinishedAt, steps);

        public static Run Of(WorkflowRunDetails d) => Of(d.Run, [.. d.Steps.Select(s => RunStep.Of(d, s))]);
    }

    /// <param name="Status"><c>pending</c>, <c>running</c>, <c>waiting</c>, <c>done</c>, <c>failed</c>, <c>skipped</c> or <c>cancelled</c>.</param>
    /// <param name="SessionId">Where its last attempt can be read; null before it begins.</param>
    /// <param name="Gate">What a person is, or was, asked before it begins; null if nothing.</param>
    internal sealed record RunStep(
        string Id, string Status, long Attempt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? Output, Error? Error, string? SessionId, GateItem? Gate)
    {
        public static RunStep Of(WorkflowRunDetails run, WorkflowStep s) => new(
            s.Id, WorkflowNames.Of(s.Status), s.Attempt, s.StartedAt, s.FinishedAt, s.Output, Error.Of(s.ErrorCode, s.ErrorMessage),
            s.Attempt > 0 ? WorkflowRunner.SessionOf(run.Run.Id, s.Id, s.Attempt) : null,
            run.Gates.FirstOrDefault(g => g.StepId == s.Id) is { } gate ? GateItem.Of(gate) : null);
    }

    /// <param name="ApprovalId">As <c>GET /api/approvals</c> shows it.</param>
    /// <param name="Decision">Null while it is open.</param>
    internal sealed record GateItem(string ApprovalId, string Question, string Prompt, DateTimeOffset CreatedAt, string? Decision, string? Answer, DateTimeOffset? DecidedAt)
    {
        public static GateItem Of(Gate g) => new(g.Id, g.Question, g.Prompt, g.CreatedAt, g.Decision is { } d ? WorkflowNames.Of(d) : null, g.Answer, g.DecidedAt);
    }

    internal sealed record Error(string Code, string Message)
    {
        public static Error? Of(string? code, string? message) => code is null ? null : new Error(code, message ?? "");
    }

    internal sealed record RunList(IReadOnlyList<Run> Items, string? Next);

    /// <param name="Step">Whose gate is meant; null if there is one alone.</param>
    /// <param name="Decision"><c>approve</c>, which is meant if it is left out, or <c>deny</c>.</param>
    internal sealed record ResumeRequest(string? Step, string? Decision, string? Answer);
}
