namespace ProtoAgent.Agent.Subagents;

/// <summary>One kind of helper the agent may send off.</summary>
public sealed record SubagentOptions(string Name, string Description)
{
    /// <summary>Its system text.</summary>
    public required string Prompt { get; init; }

    /// <summary>The only tools it is offered; <c>prefix*</c> is read. Never <c>task</c> or <c>task_batch</c>.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>A configured model's name; null for the default.</summary>
    public string? Model { get; init; }

    /// <summary>Model calls. 1 to 100.</summary>
    public int MaxRounds { get; init; } = 10;
}
