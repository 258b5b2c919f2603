using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Configuration;

/// <summary>All that configuration is made of besides its files. A value: nothing asks the process again.</summary>
/// <param name="ConfigFile"><c>--config</c>; null if not given.</param>
/// <param name="Flags">Dotted key to text.</param>
public sealed record ConfigSources(
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory,
    string UserHome,
    string? ConfigFile,
    IReadOnlyDictionary<string, string> Flags)
{
    /// <summary>By path, what a file would hold that is yet to be written: read instead of it.</summary>
    internal IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where this process's data lies; it depends on nothing else.</summary>
    public DataHome DataHome() => Instances.Paths.DataHome.Resolve(Variable("PROTOAGENT_BOX_ROOT"), UserHome);

    /// <summary>The variable, trimmed; null if it is unset or blank.</summary>
    internal string? Variable(string name) => Environment.GetValueOrDefault(name)?.Trim() is { Length: > 0 } value ? value : null;

    internal bool AutoScope => Variable("PROTOAGENT_AUTO_SCOPE")?.ToLowerInvariant() is "1" or "true" or "yes" or "on";
}
