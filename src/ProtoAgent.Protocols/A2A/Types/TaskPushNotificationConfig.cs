namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Where to tell of a task (specification 4.3.1).</summary>
internal sealed record TaskPushNotificationConfig : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    public string? Id { get => field; init => field = Proto.Unset(value); }

    public string? TaskId { get => field; init => field = Proto.Unset(value); }

    /// <summary>Required.</summary>
    public string Url { get => field ?? ""; init; }

    /// <summary>Secret. Sent with each notification, so that its receiver knows whose it is.</summary>
    public string? Token { get => field; init => field = Proto.Unset(value); }

    public AuthenticationInfo? Authentication { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}url", Url);
        Authentication?.Check(checks, $"{at}authentication.");
    }

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{nameof(TaskPushNotificationConfig)} {Id} of task {TaskId}";
}

/// <summary>What a notification's receiver wants to see (specification 4.3.2).</summary>
internal sealed record AuthenticationInfo : IChecked
{
    /// <summary>An HTTP authentication scheme. Required.</summary>
    public string Scheme { get => field ?? ""; init; }

    /// <summary>Secret.</summary>
    public string? Credentials { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at) => checks.Required($"{at}scheme", Scheme);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(AuthenticationInfo)} {Scheme}";
}
