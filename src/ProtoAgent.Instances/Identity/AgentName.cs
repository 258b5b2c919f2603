namespace ProtoAgent.Instances.Identity;

/// <summary>
/// The agent's name. It becomes a segment (<c>scheduler/&lt;agent&gt;/jobs.db</c>), so it obeys the same rules as an id;
/// it never scopes an instance.
/// </summary>
public sealed record AgentName
{
    public const string Default = "protoagent";

    private AgentName(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="InstanceRefusedException">The name breaks a rule of <see cref="NameRules"/>.</exception>
    public static AgentName Parse(string text, string origin) =>
        NameRules.Violation(text) is not { } rule
            ? new AgentName(text)
            : throw new InstanceRefusedException(
                "agent_name_invalid",
                $"The agent name '{NameRules.Show(text)}' from {origin} is refused: it becomes part of a path, and {rule}. "
                + $"Use for example '{NameRules.Suggest(text, Default)}'.");

    public override string ToString() => Value;
}
