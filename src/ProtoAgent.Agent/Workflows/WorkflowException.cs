namespace ProtoAgent.Agent.Workflows;

/// <summary>What was asked of workflows can't be done. The message is safe to show and says what to do.</summary>
/// <param name="code">
/// Stable, snake_case: <c>workflow_not_found</c>, <c>workflow_invalid</c>, <c>workflow_exists</c>, <c>workflow_bundled</c>, <c>workflow_name</c>,
/// <c>inputs_invalid</c>, <c>run_not_found</c>, <c>run_ended</c>, <c>run_running</c>, <c>run_waiting</c>, <c>run_elsewhere</c>, <c>workflows_folder</c>, <c>shutting_down</c>.
/// </param>
/// <param name="field">Of the request, if one is at fault.</param>
public sealed class WorkflowException(string code, string message, string? field = null) : Exception(message)
{
    public string Code { get; } = code;

    public string? Field { get; } = field;

    /// <summary>Of <c>workflow_invalid</c>: all that is wrong.</summary>
    public IReadOnlyList<RecipeProblem> Problems { get; init; } = [];
}
