using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>One thing said by the client or the agent (specification 4.1.4).</summary>
internal sealed record Message : IChecked
{
    /// <summary>Of whoever says it. Required.</summary>
    public string MessageId { get => field ?? ""; init; }

    /// <summary>The conversation.</summary>
    public string? ContextId { get => field; init => field = Proto.Unset(value); }

    /// <summary>The task it is said to.</summary>
    public string? TaskId { get => field; init => field = Proto.Unset(value); }

    /// <summary>Required.</summary>
    public Role Role { get; init; }

    /// <summary>At least one.</summary>
    public IReadOnlyList<Part> Parts { get => field ?? []; init; }

    public JsonObject? Metadata { get; init; }

    /// <summary>URIs of extensions this message uses.</summary>
    public IReadOnlyList<string>? Extensions { get => field; init => field = Proto.Unset(value); }

    /// <summary>Other tasks it speaks of.</summary>
    public IReadOnlyList<string>? ReferenceTaskIds { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}messageId", MessageId);
        if (Role is not (Role.User or Role.Agent))
        {
            checks.Add($"{at}role", "Must be ROLE_USER or ROLE_AGENT.");
        }

        checks.Required($"{at}parts", Parts);
        checks.Each($"{at}parts", Parts);
    }
}
