using ProtoAgent.Agent.Models;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The configuration as it is now, and how it is changed.</summary>
/// <param name="Fields">Every setting and its layer as the files are now, secrets masked.</param>
/// <param name="Write">Throws <see cref="ConfigRefusedException"/>; then nothing was written.</param>
/// <param name="Complete">What is tried of a model: what is not given is what is configured, a key too.</param>
public sealed record ConfigDoor(
    Func<IReadOnlyList<ConfigField>> Fields,
    Func<IReadOnlyDictionary<string, ConfigValue?>, ConfigWritten> Write,
    ModelProbe Probe,
    Func<ModelGiven, ModelOptions> Complete);

/// <summary>One setting, as <c>/api/config/explain</c> shows it.</summary>
/// <param name="Value">Masked if secret; null if unset.</param>
/// <param name="Layer"><c>default</c>, <c>box</c>, <c>instance</c>, <c>file</c>, <c>environment</c> or <c>flag</c>.</param>
/// <param name="Origin">File and line, variable or flag.</param>
public sealed record ConfigField(string Key, string? Value, string Layer, string Origin, string? Default, string Doc, bool Secret);

/// <param name="Items">Of a list; else <paramref name="Text"/> is the value.</param>
public sealed record ConfigValue(string? Text, IReadOnlyList<string>? Items)
{
    /// <summary>Never the value: it may be a secret.</summary>
    public override string ToString() => nameof(ConfigValue);
}

/// <param name="Written">Keys.</param>
/// <param name="RestartRequired">Keys that take effect at the next start; the others have taken it.</param>
/// <param name="Overridden">Keys of which a stronger layer says something else, which stands.</param>
/// <param name="TakenOut">Secrets that were taken out with it: they were given for a server that is not asked any more.</param>
public sealed record ConfigWritten(
    IReadOnlyList<string> Written, string File, string SecretsFile, IReadOnlyList<string> RestartRequired, IReadOnlyList<ConfigOverridden> Overridden,
    IReadOnlyList<string> TakenOut);

/// <param name="By">The layer that wins, in words.</param>
public sealed record ConfigOverridden(string Key, string By);

/// <summary>A model to try.</summary>
public sealed record ModelGiven(string? Provider, string? BaseUrl, string? Name, string? ApiKey)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => nameof(ModelGiven);
}

/// <summary>What was to be written is refused; all that is wrong is said.</summary>
public sealed class ConfigRefusedException(IReadOnlyList<string> problems) : Exception(string.Join(' ', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
