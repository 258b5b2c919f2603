namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>An agent this one may give work to.</summary>
/// <param name="Url">Where it is: its card is found below.</param>
public sealed record PeerOptions(string Name, Uri Url)
{
    /// <summary>Secret. Sent to that address's origin alone; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>For the model: what to give it.</summary>
    public string? Description { get; init; }

    /// <summary>For one call of it, to the end of the task. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Name}: {Url}";
}
