using System.Text.Json.Nodes;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What is to be done, as a graph of steps. Read from YAML by <see cref="RecipeReader"/>; immutable.</summary>
public sealed record Recipe(string Name, string Description, IReadOnlyList<RecipeInput> Inputs, IReadOnlyList<RecipeStep> Steps)
{
    public const int DefaultConcurrency = 4;

    /// <summary>Steps of one run that run at once. 1 to 16.</summary>
    public int MaxConcurrency { get; init; } = DefaultConcurrency;

    /// <summary>What the run answers; null for the output of the last step.</summary>
    internal RecipeText? Output { get; init; }

    /// <summary>The YAML it was read from.</summary>
    public required string Text { get; init; }
}

/// <summary>What an input may be.</summary>
public enum InputType
{
    String,
    Number,
    Boolean,
    List,
}

/// <param name="Default">Null: there is none.</param>
public sealed record RecipeInput(string Name, InputType Type, bool Required, JsonNode? Default, string Description);

/// <summary>One step: a subagent's work, a tool's call, the agent's own work, or a question to a person.</summary>
/// <param name="Line">Where it stands in the file.</param>
public sealed record RecipeStep(string Id, int Line)
{
    /// <summary>Who does it; null for the agent itself, or a tool.</summary>
    public string? Subagent { get; init; }

    /// <summary>What is called, without a model; null if a model is asked.</summary>
    public string? Tool { get; init; }

    /// <summary>The only tools whoever does it is offered; null for all it has.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>A person lets it begin, or not.</summary>
    public bool IsGate { get; init; }

    /// <summary>Attempts after the first. 0 to 10.</summary>
    public int Retries { get; init; }

    /// <summary>In front of the second attempt; each further one waits twice as long. 0 to an hour.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For one attempt, without the time it waits for a person; null for the bound of a turn.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The output must be JSON, or the attempt failed.</summary>
    public bool IsJson { get; init; }

    /// <summary>The steps it names as those it waits for.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>All it waits for: those, and every step whose output it quotes.</summary>
    public IReadOnlySet<string> WaitsFor { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    internal RecipeText? Prompt { get; init; }

    internal RecipeText? Question { get; init; }

    internal ArgumentValue? Arguments { get; init; }

    /// <summary>Nothing but a question: its output is the answer.</summary>
    public bool IsQuestion => Tool is null && Prompt is null;

    internal IEnumerable<RecipeText> Texts => [.. new[] { Prompt, Question }.OfType<RecipeText>(), .. Arguments?.Texts ?? []];
}

/// <summary>Something wrong with a recipe.</summary>
/// <param name="Line">From 1.</param>
public sealed record RecipeProblem(int Line, string Message)
{
    public override string ToString() => $"line {Line}: {Message}";
}
