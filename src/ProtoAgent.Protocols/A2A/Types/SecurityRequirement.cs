namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Schemes that are wanted together, by name, each with its scopes (specification 4.4.1).</summary>
internal sealed record SecurityRequirement
{
    public IReadOnlyDictionary<string, StringList> Schemes { get => field ?? new Dictionary<string, StringList>(); init; }
}

/// <summary>A list where the definition language has none.</summary>
internal sealed record StringList
{
    public IReadOnlyList<string>? List { get => field; init => field = Proto.Unset(value); }
}
