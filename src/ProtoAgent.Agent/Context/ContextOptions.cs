namespace ProtoAgent.Agent.Context;

/// <summary>What of a conversation fits into a model call.</summary>
public sealed record ContextOptions
{
    /// <summary>Tokens of one call, system text and tools included; estimated at four characters each. 2,000 to 10,000,000.</summary>
    public int BudgetTokens { get; init; } = 100_000;
}
