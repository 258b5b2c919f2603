using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What <c>GetTask</c> takes.</summary>
internal sealed record GetTaskRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string Id { get => field ?? ""; init; }

    /// <inheritdoc cref="SendMessageConfiguration.HistoryLength"/>
    public int? HistoryLength { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}id", Id);
        HistoryLengths.Check(checks, at, HistoryLength);
    }
}

/// <summary>What <c>CancelTask</c> takes.</summary>
internal sealed record CancelTaskRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string Id { get => field ?? ""; init; }

    public JsonObject? Metadata { get; init; }

    public void Check(Checks checks, string at) => checks.Required($"{at}id", Id);
}

/// <summary>What <c>SubscribeToTask</c> takes.</summary>
internal sealed record SubscribeToTaskRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string Id { get => field ?? ""; init; }

    public void Check(Checks checks, string at) => checks.Required($"{at}id", Id);
}

/// <summary>What <c>GetExtendedAgentCard</c> takes.</summary>
internal sealed record GetExtendedAgentCardRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at)
    {
        // It may be empty.
    }
}
