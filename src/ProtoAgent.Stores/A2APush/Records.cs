namespace ProtoAgent.Stores.A2APush;

/// <summary>Whom to tell of which task.</summary>
/// <param name="Json">As the protocol writes it, secrets and all; opaque to the store.</param>
public sealed record StoredPushConfig(string TaskId, string Id, string Json)
{
    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{nameof(StoredPushConfig)} {Id} of task {TaskId}";
}

/// <summary>One that is told.</summary>
public sealed record PushTarget(string TaskId, string ConfigId);

/// <summary>What is to be told next.</summary>
/// <param name="Body">JSON.</param>
/// <param name="IsEnd">How the task ended: kept when what came before it is given up.</param>
public sealed record PushWork(long Seq, string Body, bool IsEnd);
