namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What <c>GetTaskPushNotificationConfig</c> takes.</summary>
internal sealed record GetTaskPushNotificationConfigRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string TaskId { get => field ?? ""; init; }

    public string Id { get => field ?? ""; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}taskId", TaskId);
        checks.Required($"{at}id", Id);
    }
}

/// <summary>What <c>DeleteTaskPushNotificationConfig</c> takes.</summary>
internal sealed record DeleteTaskPushNotificationConfigRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string TaskId { get => field ?? ""; init; }

    public string Id { get => field ?? ""; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}taskId", TaskId);
        checks.Required($"{at}id", Id);
    }
}

/// <summary>What <c>ListTaskPushNotificationConfigs</c> takes.</summary>
internal sealed record ListTaskPushNotificationConfigsRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string TaskId { get => field ?? ""; init; }

    /// <summary>The most in one answer; null or 0: as many as the agent likes.</summary>
    public int? PageSize { get => field; init => field = value is 0 ? null : value; }

    public string? PageToken { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}taskId", TaskId);
        if (PageSize < 0)
        {
            checks.Add($"{at}pageSize", $"Must be 0 or more, got {PageSize}.");
        }
    }
}

/// <summary>What <c>ListTaskPushNotificationConfigs</c> answers.</summary>
internal sealed record ListTaskPushNotificationConfigsResponse
{
    public IReadOnlyList<TaskPushNotificationConfig>? Configs { get => field; init => field = Proto.Unset(value); }

    /// <summary>Null on the last page.</summary>
    public string? NextPageToken { get => field; init => field = Proto.Unset(value); }
}
