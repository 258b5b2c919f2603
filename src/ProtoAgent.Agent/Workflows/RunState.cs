using System.Text.Json.Nodes;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>A run as the process that works on it knows it. What is here is in the file; used by one loop alone.</summary>
internal sealed class RunState(WorkflowRunStore store, WorkflowEvents events, WorkflowRunDetails taken, Recipe recipe, TimeProvider time)
{
    private readonly Dictionary<string, WorkflowStep> _steps = taken.Steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _tools = recipe.Steps.ToDictionary(s => s.Id, s => s.Tool, StringComparer.Ordinal);
    private readonly JsonObject _inputs = JsonNode.Parse(taken.Run.Inputs)!.AsObject();
    private IReadOnlyList<Gate> _gates = taken.Gates;

    public WorkflowRun Run { get; private set; } = taken.Run;

    public DateTimeOffset Now => time.GetUtcNow();

    public bool AllEnded => recipe.Steps.All(s => _steps[s.Id].HasEnded);

    public WorkflowStep this[string id] => _steps[id];

    public Gate? GateOf(string step) => _gates.FirstOrDefault(g => g.StepId == step);

    /// <summary>As of now: what ends later changes nothing of it.</summary>
    public StepValues Values() => new(_inputs, new Dictionary<string, WorkflowStep>(_steps, StringComparer.Ordinal), _tools);

    /// <param name="gate">It waits at this gate from now on.</param>
    /// <param name="retried">The attempt before failed.</param>
    public async Task SaveAsync(WorkflowStep step, NewGate? gate = null, bool retried = false)
    {
        Run = await store.SaveStepAsync(Run.Id, Run.Fence, step, gate);
        _steps[step.Id] = step;
        events.Step(Run, step, retried);
        if (gate is not null)
        {
            _gates = [.. _gates, new Gate(gate.Id, Run.Id, Run.Workflow, step.Id, gate.Question, gate.Prompt, Now)];
        }

        if (step.Status == WorkflowStepStatus.Waiting)
        {
            events.Waiting(Run, step.Id, gate);
        }
    }

    /// <summary>What others have written meanwhile: decisions, the wish that it ends.</summary>
    public async Task LookAsync()
    {
        if (await store.GetAsync(Run.Id) is { } now)
        {
            (Run, _gates) = (Run with { CancelRequested = now.Run.CancelRequested }, now.Gates);
        }
    }

    /// <summary>False when there is something to do after all.</summary>
    public async Task<bool> ParkAsync()
    {
        var parked = await store.ParkAsync(Run.Id, Run.Fence);
        Run = parked ?? Run;
        if (parked is not null)
        {
            // What it waits for was told before; who waits for another version of the run is told of this one.
            events.Parked(Run);
        }

        return parked is not null;
    }

    public async Task FinishAsync()
    {
        if (recipe.Steps.Count == 0)
        {
            Run = await store.FinishAsync(
                Run.Id, Run.Fence, WorkflowStatus.Failed, output: null, "workflow_invalid", "The recipe the run began with can't be read by this program. Start the newer program, and resume the run.");
            events.Ended(Run);
            return;
        }

        var missing = recipe.Steps.Select(s => _steps[s.Id]).Where(s => s.Status != WorkflowStepStatus.Done).ToList();
        var reasons = missing.Where(s => s.Status == WorkflowStepStatus.Failed).Select(s => $"{s.Id}: {s.ErrorMessage}");
        Run = missing.Count == 0
            ? await store.FinishAsync(Run.Id, Run.Fence, WorkflowStatus.Done, Output())
            : await store.FinishAsync(
                Run.Id, Run.Fence, WorkflowStatus.Failed, Output(), "steps_failed", $"{missing.Count} of {recipe.Steps.Count} steps have no output. {string.Join(" ", reasons)}");
        events.Ended(Run);
    }

    public async Task CancelledAsync()
    {
        Run = await store.FinishAsync(Run.Id, Run.Fence, WorkflowStatus.Cancelled, output: null, "cancelled", "The run was cancelled.");
        events.Ended(Run);
    }

    /// <summary>Null where an output it quotes is missing.</summary>
    private string? Output() =>
        recipe.Output is not { } output ? _steps[recipe.Steps[^1].Id].Output
        : output.Places.All(p => p.Step is not { } step || _steps[step].Status == WorkflowStepStatus.Done) ? output.Render(Values().Text)
        : null;
}
