namespace ProtoAgent.Instances.Identity;

/// <summary>An accepted instance id. There is no other way to hold one than through <see cref="Parse"/>.</summary>
public sealed record InstanceId
{
    private InstanceId(string value) => Value = value;

    public string Value { get; }

    /// <param name="text">The id as given, already trimmed.</param>
    /// <param name="origin">Where it came from, for the message: <c>PROTOAGENT_INSTANCE</c>, <c>instance_id in /etc/a.yaml, line 3</c>.</param>
    /// <exception cref="InstanceRefusedException">The id breaks a rule of <see cref="NameRules"/>.</exception>
    public static InstanceId Parse(string text, string origin) =>
        NameRules.Violation(text) is not { } rule
            ? new InstanceId(text)
            : throw new InstanceRefusedException(
                "instance_id_invalid",
                $"The instance id '{NameRules.Show(text)}' from {origin} is refused: {rule}. Use for example '{NameRules.Suggest(text, "alice")}'.");

    public override string ToString() => Value;
}
