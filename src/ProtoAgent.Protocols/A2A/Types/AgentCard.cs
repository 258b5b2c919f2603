namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What an agent is and how it is reached (specification 4.4.1).</summary>
internal sealed record AgentCard : IChecked
{
    public string Name { get => field ?? ""; init; }

    public string Description { get => field ?? ""; init; }

    /// <summary>The first is preferred.</summary>
    public IReadOnlyList<AgentInterface> SupportedInterfaces { get => field ?? []; init; }

    public AgentProvider? Provider { get; init; }

    public string Version { get => field ?? ""; init; }

    public string? DocumentationUrl { get; init; }

    public AgentCapabilities Capabilities { get => field ?? new(); init; }

    public IReadOnlyDictionary<string, SecurityScheme>? SecuritySchemes { get => field; init => field = Proto.Unset(value); }

    /// <summary>One of them is enough.</summary>
    public IReadOnlyList<SecurityRequirement>? SecurityRequirements { get => field; init => field = Proto.Unset(value); }

    /// <summary>Media types.</summary>
    public IReadOnlyList<string> DefaultInputModes { get => field ?? []; init; }

    /// <summary>Media types.</summary>
    public IReadOnlyList<string> DefaultOutputModes { get => field ?? []; init; }

    public IReadOnlyList<AgentSkill> Skills { get => field ?? []; init; }

    public IReadOnlyList<AgentCardSignature>? Signatures { get => field; init => field = Proto.Unset(value); }

    public string? IconUrl { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}name", Name);
        checks.Required($"{at}description", Description);
        checks.Required($"{at}version", Version);
        checks.Required($"{at}supportedInterfaces", SupportedInterfaces);
        checks.Each($"{at}supportedInterfaces", SupportedInterfaces);
        foreach (var (name, scheme) in SecuritySchemes ?? new Dictionary<string, SecurityScheme>())
        {
            checks.Required($"{at}securitySchemes.", name, scheme);
        }
    }
}
