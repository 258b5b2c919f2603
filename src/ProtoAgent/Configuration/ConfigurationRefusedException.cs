namespace ProtoAgent.Configuration;

/// <summary>The configuration can't be used: every problem at once, each with where it is and what to do. Exit code 78.</summary>
public sealed class ConfigurationRefusedException(IReadOnlyList<string> problems) : Exception(Join(problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;

    private static string Join(IReadOnlyList<string> problems) => problems.Count == 1
        ? $"the configuration is refused: {problems[0]}"
        : $"the configuration is refused, for {problems.Count} reasons:\n{string.Join('\n', problems.Select(p => "  - " + p))}";
}
