using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Where a task is in its life (specification 4.1.3).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
internal enum TaskState
{
    [JsonStringEnumMemberName("TASK_STATE_UNSPECIFIED")]
    Unspecified = 0,

    [JsonStringEnumMemberName("TASK_STATE_SUBMITTED")]
    Submitted = 1,

    [JsonStringEnumMemberName("TASK_STATE_WORKING")]
    Working = 2,

    [JsonStringEnumMemberName("TASK_STATE_COMPLETED")]
    Completed = 3,

    [JsonStringEnumMemberName("TASK_STATE_FAILED")]
    Failed = 4,

    [JsonStringEnumMemberName("TASK_STATE_CANCELED")]
    Canceled = 5,

    [JsonStringEnumMemberName("TASK_STATE_INPUT_REQUIRED")]
    InputRequired = 6,

    [JsonStringEnumMemberName("TASK_STATE_REJECTED")]
    Rejected = 7,

    [JsonStringEnumMemberName("TASK_STATE_AUTH_REQUIRED")]
    AuthRequired = 8,
}

internal static class TaskStates
{
    /// <summary>Nothing happens to the task any more.</summary>
    public static bool IsTerminal(this TaskState state) => state is TaskState.Completed or TaskState.Failed or TaskState.Canceled or TaskState.Rejected;

    /// <summary>The task waits for whoever asked.</summary>
    public static bool IsInterrupted(this TaskState state) => state is TaskState.InputRequired or TaskState.AuthRequired;
}
