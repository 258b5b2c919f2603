namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>How a task stands (specification 4.1.2). Called <c>TaskStatus</c> on the wire.</summary>
internal sealed record A2ATaskStatus : IChecked
{
    public TaskState State { get; init; }

    /// <summary>What the agent has to say to it: its question, or why it failed.</summary>
    public Message? Message { get; init; }

    /// <summary>When it came to stand so; UTC, with milliseconds.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    public void Check(Checks checks, string at)
    {
        if (State == TaskState.Unspecified || !Enum.IsDefined(State))
        {
            checks.Add($"{at}state", "Is required and no state there is.");
        }

        Message?.Check(checks, $"{at}message.");
    }
}
