using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Errors;

/// <summary>An answer that is an error of the protocol. The message reaches the peer and says what to do.</summary>
internal sealed class A2AException(ErrorKind kind, string message) : Exception(message)
{
    public ErrorKind Kind { get; } = kind;

    /// <summary>Facts beside the message: the task's id, …</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The fields at fault.</summary>
    public IReadOnlyList<Violation> Violations { get; init; } = [];

    public static A2AException TaskNotFound(string id) => new(ErrorKind.TaskNotFound, $"There is no task '{id}' here. It may have been kept no longer; ListTasks shows those there are.") { Metadata = Task(id) };

    public static A2AException InvalidParams(string message, params IReadOnlyList<Violation> violations) => new(ErrorKind.InvalidParams, message) { Violations = violations };

    public static IReadOnlyDictionary<string, string> Task(string id) => new Dictionary<string, string> { ["taskId"] = id };
}
