namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Something an agent is good at (specification 4.4.5).</summary>
internal sealed record AgentSkill
{
    public string Id { get => field ?? ""; init; }

    public string Name { get => field ?? ""; init; }

    public string Description { get => field ?? ""; init; }

    public IReadOnlyList<string> Tags { get => field ?? []; init; }

    public IReadOnlyList<string>? Examples { get => field; init => field = Proto.Unset(value); }

    public IReadOnlyList<string>? InputModes { get => field; init => field = Proto.Unset(value); }

    public IReadOnlyList<string>? OutputModes { get => field; init => field = Proto.Unset(value); }

    public IReadOnlyList<SecurityRequirement>? SecurityRequirements { get => field; init => field = Proto.Unset(value); }
}
