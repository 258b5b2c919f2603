namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>How a message is to be answered (specification 3.2.2).</summary>
internal sealed record SendMessageConfiguration : IChecked
{
    /// <summary>Media types the client can take; none: any.</summary>
    public IReadOnlyList<string>? AcceptedOutputModes { get => field; init => field = Proto.Unset(value); }

    /// <summary>Where to tell of the task; names no task.</summary>
    public TaskPushNotificationConfig? TaskPushNotificationConfig { get; init; }

    /// <summary>The most messages of the history in the answer; null: all, 0: none.</summary>
    public int? HistoryLength { get; init; }

    /// <summary>Not to wait for the task's end.</summary>
    public bool? ReturnImmediately { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at)
    {
        TaskPushNotificationConfig?.Check(checks, $"{at}taskPushNotificationConfig.");
        HistoryLengths.Check(checks, at, HistoryLength);
    }
}

internal static class HistoryLengths
{
    public static void Check(Checks checks, string at, int? length)
    {
        if (length < 0)
        {
            checks.Add($"{at}historyLength", $"Must be 0 or more, got {length}.");
        }
    }
}
