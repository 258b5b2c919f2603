using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Workflows;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>run_workflow</c>: begins a run and waits for its end, for a while; what it comes to stays on disk either way.</summary>
internal sealed class RunWorkflowTool(McpServices services) : ServerTool<RunWorkflowTool.Arguments, RunWorkflowTool.Answer>(
    new Tool
    {
        Name = "run_workflow",
        Title = "Run a workflow",
        Description = "Runs one of the agent's workflows (a prepared sequence of steps) and answers with its output, or with how it stands when wait_seconds are over: it goes on by itself then. "
            + "With run_id instead of name it looks at a run that was begun before. The workflows there are, and their inputs, are the resources workflow://….",
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = false, OpenWorldHint = true },
    },
    McpToolJson.Default.WorkflowArguments,
    McpToolJson.Default.WorkflowAnswer,
    services)
{
    private const int DefaultWait = 60;
    private const int LongestWait = 600;

    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var wait = TimeSpan.FromSeconds(arguments.WaitSeconds ?? DefaultWait);
        if (wait < TimeSpan.Zero || wait > TimeSpan.FromSeconds(LongestWait))
        {
            throw new ToolException($"wait_seconds must be a whole number from 0 to {LongestWait}.");
        }

        if (arguments.Inputs is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw new ToolException("inputs must be an object: what the workflow takes, by name.");
        }

        var id = (arguments.Name, arguments.RunId) switch
        {
            ({ Length: > 0 } name, null) => (await Services.Workflows.StartAsync(name, arguments.Inputs is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [], "mcp")).Id,
            (null, { Length: > 0 } known) => known,
            _ => throw new ToolException($"Give either the name of a workflow or a run_id. The workflows are: {string.Join(", ", Services.Workflows.Book.All().Select(e => e.Name))}."),
        };
        return Of(await FollowAsync(id, wait, request, cancelled));
    }

    protected override string Text(Answer answer) => answer switch
    {
        { Status: "done" } => answer.Output is { Length: > 0 } output ? output : $"The run {answer.RunId} is done; the workflow has no output.",
        { Gates.Count: > 0 } => $"The run {answer.RunId} waits for a person:\n{string.Join('\n', answer.Gates.Select(g => $"- {g.Question} (approval {g.ApprovalId})"))}\n"
            + "Decide it in the console, with 'protoagent approvals approve <id>' or 'deny <id>', or with POST /api/approvals/<id>.",
        { Error: { } error } => $"The run {answer.RunId} is {answer.Status}: {error}",
        _ => $"The run {answer.RunId} is {answer.Status}; call run_workflow with its run_id to see what came of it.",
    };

    /// <summary>A caller that gives up leaves the run as it is: it was begun to be done.</summary>
    private async Task<WorkflowRunDetails> FollowAsync(string id, TimeSpan wait, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var began = Services.Time.GetTimestamp();
        var run = await Services.Workflows.GetAsync(id) ?? throw new ToolException($"There is no run '{id}' here. Give the run_id an earlier answer named, or a name to begin one.");
        var (told, count) = ("", 0f);
        while (true)
        {
            if (request.Params.ProgressToken is { } token && Say(run) is var now && now != told)
            {
                told = now;

                // Steps that are tried again move backwards; progress must not.
                count = Math.Max(count + 0.001f, run.Steps.Count(s => s.HasEnded));
                await request.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = count, Total = run.Steps.Count + 1, Message = now }, cancellationToken: cancelled);
            }

            var left = wait - Services.Time.GetElapsedTime(began);
            if (run.Run.Status != WorkflowStatus.Running || left <= TimeSpan.Zero)
            {
                return run;
            }

            run = await Services.Workflows.ChangedAsync(id, run.Run.Version, left, cancelled) ?? throw new ToolException($"The run '{id}' was deleted.");
        }
    }

    private static string Say(WorkflowRunDetails run) => string.Join(", ", run.Steps.Where(s => s.Status != WorkflowStepStatus.Pending).Select(s => $"{s.Id} {WorkflowNames.Of(s.Status)}"));

    private static Answer Of(WorkflowRunDetails run) => new(
        run.Run.Id, run.Run.Workflow, WorkflowNames.Of(run.Run.Status), run.Run.Output, run.Run.ErrorMessage,
        [.. run.Steps.Select(s => new StepShape(s.Id, WorkflowNames.Of(s.Status)))],
        [.. run.Gates.Where(g => g.Decision is null).Select(g => new GateShape(g.Id, g.StepId, g.Question))]);

    public sealed record Arguments(
        [property: Description("The workflow's name.")] string? Name = null,
        [property: Description("What it takes, by name.")] JsonElement? Inputs = null,
        [property: Description("A run that was begun before, to see how it stands.")] string? RunId = null,
        [property: Description("How long to wait for its end: 0 to 600, 60 if left out.")] int? WaitSeconds = null);

    public sealed record Answer(
        string RunId,
        string Workflow,
        [property: Description("running, waiting (for a person), done, failed or cancelled.")] string Status,
        [property: Description("What it came to; null while there is none.")] string? Output,
        [property: Description("Why it failed or was cancelled.")] string? Error,
        IReadOnlyList<StepShape> Steps,
        [property: Description("What a person is to decide.")] IReadOnlyList<GateShape> Gates);

    public sealed record StepShape(string Id, [property: Description("pending, running, waiting, done, failed, skipped or cancelled.")] string Status);

    public sealed record GateShape(string ApprovalId, string Step, string Question);
}
