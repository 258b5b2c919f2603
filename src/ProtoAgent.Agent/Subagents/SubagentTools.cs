using System.ComponentModel;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Subagents;

/// <summary>Sends subagents: <c>task</c> and <c>task_batch</c>. There are none without a configured subagent.</summary>
/// <param name="turns">Asked late: the runner needs the tools before it is.</param>
/// <param name="concurrency">Subagents that run at once in this process.</param>
public sealed class SubagentTools(IReadOnlyList<SubagentOptions> subagents, int concurrency, ICheckpointStore checkpoints, Func<TurnRunner> turns) : IToolSource, IDisposable
{
    public const string TaskName = "task";

    private readonly SemaphoreSlim _slots = new(concurrency, concurrency);
    private IReadOnlyList<Tool>? _tools;

    public IReadOnlyList<Tool> Tools => _tools ??= subagents.Count == 0 ? [] : [new TaskTool(this), new TaskBatchTool(this)];

    private string Kinds => string.Join("; ", subagents.Select(s => $"{s.Name}: {s.Description}"));

    public void Dispose() => _slots.Dispose();

    /// <param name="key">The same for every attempt at the same task: what was begun under it is gone on with, not begun again.</param>
    private async Task<string> RunAsync(TaskArguments task, ToolCall call, string key, CancellationToken cancelled)
    {
        if (subagents.FirstOrDefault(s => s.Name == task.Agent) is not { } subagent)
        {
            throw new ToolException($"There is no subagent '{task.Agent}'. There is: {Kinds}.");
        }

        if (string.IsNullOrWhiteSpace(task.Prompt))
        {
            throw new ToolException("The prompt is blank. Say what the subagent is to do; it knows nothing of this conversation.");
        }

        await _slots.WaitAsync(cancelled);
        try
        {
            // Thread and turn have one id, so that the store finds the one by the other.
            var id = ThreadIds.Task + key;
            var request = new TurnRequest
            {
                Message = task.Prompt,
                ThreadId = id,
                Origin = call.Origin,
                Model = subagent.Model,
                Instructions = subagent.Prompt,
                Subagent = subagent.Name,
                ParentTurn = call.TurnId,
                Attended = false,
                Incognito = call.Incognito,
            };
            var outcome = await turns().Once.RunAsync(request, id, cancelled);
            return outcome.Status switch
            {
                TurnStatus.Done => await ReportAsync(id, cancelled),
                TurnStatus.Waiting => throw new CallWaitsException($"The subagent's thread '{id}'", async () => await checkpoints.GetTurnAsync(id, CancellationToken.None) is not { Status: TurnStatus.Waiting }),
                _ => throw new ToolException($"The subagent did not finish: {outcome.ErrorMessage}"),
            };
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<string> ReportAsync(string threadId, CancellationToken cancelled) =>
        (await checkpoints.ReadStepsAsync(threadId, cancellationToken: cancelled)).Select(ThreadEntry.Of).Last(e => e.Kind == StepKind.Assistant).Content.Text;

    private sealed class TaskTool(SubagentTools all) : TypedTool<TaskArguments>(
        TaskName,
        $"Sends a subagent to do one task on its own and answers with what it reports. It knows nothing of this conversation: tell it all it needs. There is: {all.Kinds}.",
        SubagentJson.Default.TaskArguments)
    {
        // Repeating it goes on with the same thread.
        public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.SendsSubagents;

        protected override async Task<ToolResult> CallAsync(TaskArguments arguments, ToolCall call, CancellationToken cancellationToken) =>
            new(await all.RunAsync(arguments, call, call.IdempotencyKey, cancellationToken));
    }

    private sealed class TaskBatchTool(SubagentTools all) : TypedTool<BatchArguments>(
        "task_batch",
        $"Sends several subagents at once, each to do one task on its own, and answers with all they report. There is: {all.Kinds}.",
        SubagentJson.Default.BatchArguments)
    {
        private const int Most = 32;

        public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.SendsSubagents;

        protected override async Task<ToolResult> CallAsync(BatchArguments arguments, ToolCall call, CancellationToken cancellationToken)
        {
            if (arguments.Tasks.Count is 0 or > Most)
            {
                throw new ToolException($"tasks must hold 1 to {Most} tasks; it holds {arguments.Tasks.Count}.");
            }

            var running = arguments.Tasks.Select((task, i) => ReportAsync(task, i)).ToList();
            await Task.WhenAll(running.Select(r => r.ContinueWith(_ => { }, TaskScheduler.Default)));
            return new ToolResult(string.Join("\n\n", await Task.WhenAll(running)));

            async Task<string> ReportAsync(TaskArguments task, int i)
            {
                var head = $"## {i + 1}. {task.Agent}";
                try
                {
                    return $"{head}\n{await all.RunAsync(task, call, $"{call.IdempotencyKey}/{i}", cancellationToken)}";
                }
                catch (ToolException e)
                {
                    // One that fails does not take the others' reports away.
                    return $"{head}\nFailed: {e.Message}";
                }
            }
        }
    }
}

internal sealed record TaskArguments(
    [property: Description("The kind of subagent.")] string Agent,
    [property: Description("What it is to do, with all it needs to know.")] string Prompt);

internal sealed record BatchArguments([property: Description("One for each subagent.")] IReadOnlyList<TaskArguments> Tasks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TaskArguments))]
[JsonSerializable(typeof(BatchArguments))]
internal sealed partial class SubagentJson : JsonSerializerContext;
