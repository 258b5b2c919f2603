using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary><c>run_workflow</c>: a run, and its output. The run is the call's, whoever makes it again; where it waits for a person, the turn does too.</summary>
public sealed class RunWorkflowTool(Func<WorkflowRunner> workflows) : TypedTool<RunWorkflowTool.Arguments>(
    ToolName,
    "Runs a workflow (a prepared sequence of steps) to its end and answers with its output. Without a name it lists the workflows there are and what they take.",
    WorkflowToolJson.Default.RunArguments)
{
    public const string ToolName = "run_workflow";

    // The same call has the same run.
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.SendsSubagents | ToolTraits.Remembers;

    protected override async Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var runner = workflows();
        try
        {
            if (string.IsNullOrWhiteSpace(arguments.Name))
            {
                return new ToolResult(List(runner));
            }

            var inputs = arguments.Inputs is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
            var run = await runner.StartAsync(arguments.Name, inputs, call.Origin, call.IdempotencyKey, call.TurnId);
            return new ToolResult(await OutputAsync(runner, run, cancellationToken));
        }
        catch (WorkflowException e) when (e.Code == "shutting_down")
        {
            // Put aside on disk, so that the next start makes the call again: it finds the run, or begins it.
            throw new CallWaitsException("The call of a workflow", () => Task.FromResult(false));
        }
        catch (WorkflowException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    private static async Task<string> OutputAsync(WorkflowRunner runner, WorkflowRun run, CancellationToken cancelled)
    {
        WorkflowRunDetails ended;
        try
        {
            ended = await runner.ParkedOrEndedAsync(run.Id, cancelled);
        }
        catch (OperationCanceledException) when (!runner.IsStopping)
        {
            // Nobody reads what it would say; what it has done is kept, and it can be gone on with.
            _ = CancelAsync(runner, run.Id);
            throw;
        }

        return ended.Run switch
        {
            { Status: WorkflowStatus.Done } done => done.Output is { Length: > 0 } output ? output : "(The workflow has no output.)",
            { Status: WorkflowStatus.Waiting } => throw new CallWaitsException(
                $"The run '{run.Id}'", async () => await runner.GetAsync(run.Id) is null or { Run.HasEnded: true }),
            var failed => throw new ToolException($"The run {run.Id} of the workflow '{run.Workflow}' is {WorkflowNames.Of(failed.Status)}: {failed.ErrorMessage}{Kept(failed)}"),
        };
    }

    private static string Kept(WorkflowRun failed) => failed.Output is { Length: > 0 } output ? $"\n\nIts output all the same:\n{output}" : "";

    private static async Task CancelAsync(WorkflowRunner runner, string id)
    {
        try
        {
            await runner.CancelAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is WorkflowException or Stores.StoreException)
        {
            // It ended in that moment, or goes on: a person sees it among the runs.
        }
    }

    private static string List(WorkflowRunner runner) => string.Join('\n', runner.Book.All().Select(e => e.Recipe is { } recipe
        ? $"{recipe.Name} – {recipe.Description} {InputValues.Usage(recipe)}"
        : $"{e.Name} – can't be run: {string.Join(" ", e.Problems)}"));

    public sealed record Arguments
    {
        [Description("The workflow's name; left out, the workflows are listed.")]
        public string? Name { get; init; }

        [Description("What it takes, by name.")]
        public JsonElement? Inputs { get; init; }
    }
}

/// <summary><c>save_workflow</c>: keeps a recipe for later. All that is wrong with it is told at once.</summary>
public sealed class SaveWorkflowTool(Func<WorkflowRunner> workflows) : TypedTool<SaveWorkflowTool.Arguments>(
    "save_workflow",
    """
    Saves a workflow under its name, as YAML: name, description, inputs (a mapping of names, each {type: string|number|boolean|list, default, description}),
    steps (a list of: id; prompt; subagent, or tool with arguments; depends_on; gate: human with a question; retry; timeout; output: json), output.
    In texts, {{inputs.<name>}} and {{steps.<id>.output}} stand for values. Steps that don't wait for each other run side by side.
    """,
    WorkflowToolJson.Default.SaveArguments)
{
    // The same recipe again is the same file.
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Remembers;

    protected override async Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var runner = workflows();
        try
        {
            var (recipe, problems) = await runner.ReadAsync(arguments.Yaml);
            if (problems.Count > 0)
            {
                throw new ToolException($"The workflow was not saved:\n{string.Join('\n', problems)}");
            }

            runner.Book.Save(recipe!, arguments.Replace);
            return new ToolResult($"Saved as '{recipe!.Name}'. {RunWorkflowTool.ToolName} runs it, and so does /{recipe.Name}.");
        }
        catch (WorkflowException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    public sealed record Arguments([property: Description("The recipe.")] string Yaml)
    {
        [Description("True if another workflow of that name is to be replaced.")]
        public bool Replace { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunWorkflowTool.Arguments), TypeInfoPropertyName = "RunArguments")]
[JsonSerializable(typeof(SaveWorkflowTool.Arguments), TypeInfoPropertyName = "SaveArguments")]
internal sealed partial class WorkflowToolJson : JsonSerializerContext;
