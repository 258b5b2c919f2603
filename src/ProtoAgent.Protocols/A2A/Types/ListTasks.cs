using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What <c>ListTasks</c> takes (specification 3.1.4).</summary>
internal sealed record ListTasksRequest : IChecked
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 100;

    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string? ContextId { get => field; init => field = Proto.Unset(value); }

    /// <summary>Null: in any state.</summary>
    public TaskState? Status { get => field; init => field = value is TaskState.Unspecified ? null : value; }

    /// <summary>1 to <see cref="MaxPageSize"/>.</summary>
    public int? PageSize { get; init; }

    public string? PageToken { get => field; init => field = Proto.Unset(value); }

    /// <inheritdoc cref="SendMessageConfiguration.HistoryLength"/>
    public int? HistoryLength { get; init; }

    /// <summary>Only tasks whose status is of then or later.</summary>
    public DateTimeOffset? StatusTimestampAfter { get; init; }

    public bool? IncludeArtifacts { get; init; }

    public void Check(Checks checks, string at)
    {
        if (PageSize is < 1 or > MaxPageSize)
        {
            checks.Add($"{at}pageSize", $"Must be between 1 and {MaxPageSize} inclusive, got {PageSize}.");
        }

        if (Status is { } status && !Enum.IsDefined(status))
        {
            checks.Add($"{at}status", $"There is no state {(int)status}.");
        }

        HistoryLengths.Check(checks, at, HistoryLength);
    }
}

/// <summary>What <c>ListTasks</c> answers. All four are there always.</summary>
internal sealed record ListTasksResponse
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<A2ATask> Tasks { get => field ?? []; init; }

    /// <summary>Blank on the last page.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string NextPageToken { get => field ?? ""; init; }

    /// <summary>As asked for, or by default.</summary>
    public int PageSize { get; init; }

    /// <summary>Of all pages.</summary>
    public int TotalSize { get; init; }
}
