namespace ProtoAgent.Configuration;

/// <summary>What a setting's value is.</summary>
internal enum ConfigType
{
    Text,
    Integer,
    Decimal,
    Boolean,
    Url,
    Choice,

    /// <summary>In YAML a list of text; in the environment separated by commas.</summary>
    List,
}

/// <summary>One known setting.</summary>
/// <param name="Name">Dotted, snake_case: <c>server.port</c>.</param>
/// <param name="Doc">One line.</param>
internal sealed record ConfigKey(string Name, ConfigType Type, string Doc)
{
    /// <summary>As text; null where there is none.</summary>
    public string? Default { get; init; }

    /// <summary>The names users know, the first wins. <see cref="GenericVariable"/> always works too, behind them.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    public long Min { get; init; } = long.MinValue;

    public long Max { get; init; } = long.MaxValue;

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Comes from <c>secrets.yaml</c> or the environment alone, and is never shown.</summary>
    public bool Secret { get; init; }

    /// <summary>May also stand in a <c>config.yaml</c>: not everything of its kind is secret.</summary>
    public bool AnyFile { get; init; }

    /// <summary>Stands for many: <c>*</c> is any name.</summary>
    public bool IsPattern => Name.Contains('*', StringComparison.Ordinal);

    /// <summary>Only in the file an instance is started with: in a file several instances read it would make them one.</summary>
    public bool UserFileOnly { get; init; }

    /// <summary><c>a.b</c> as <c>PROTOAGENT_A__B</c>.</summary>
    public string GenericVariable => "PROTOAGENT_" + Name.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();
}
