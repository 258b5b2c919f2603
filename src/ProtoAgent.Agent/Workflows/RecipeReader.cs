using ProtoAgent.Agent.Tools;
using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Agent.Workflows;

/// <summary>Reads a recipe. Everything wrong with it is said at once, each with its line.</summary>
public sealed class RecipeReader
{
    private const int MostSteps = 100;
    private const int MostConcurrent = 16;

    private static readonly string[] s_keys = ["name", "description", "inputs", "steps", "output", "max_concurrency"];

    private readonly List<RecipeProblem> _problems = [];

    private RecipeReader()
    {
    }

    /// <returns>The recipe if it can be run as far as it is itself concerned; whether its subagents and tools are there is <see cref="RecipeReferences"/>'s to say.</returns>
    public static (Recipe? Recipe, IReadOnlyList<RecipeProblem> Problems) Read(string text)
    {
        var reader = new RecipeReader();
        var recipe = RecipeYaml.Read(text, reader._problems) is YamlMappingNode root ? reader.Recipe(root, text) : null;
        return (reader._problems.Count == 0 ? recipe : null, [.. reader._problems.OrderBy(p => p.Line).Distinct()]);
    }

    private Recipe Recipe(YamlMappingNode root, string text)
    {
        var fields = new RecipeFields(root, "a recipe", s_keys, _problems);
        var name = fields.Text("name") ?? "";
        if (!fields.Has("name"))
        {
            fields.Complain("name", "The recipe has no 'name'.");
        }
        else if (RecipeName.Problem(name) is { } problem)
        {
            fields.Complain("name", $"The name '{name}' is refused: {problem}.");
        }

        var inputs = new InputReader(_problems).Read(fields.Node("inputs"));
        var steps = Steps(fields);
        var recipe = new Recipe(name, fields.Text("description") ?? "", inputs, steps)
        {
            MaxConcurrency = fields.Number("max_concurrency", 1, MostConcurrent) ?? Workflows.Recipe.DefaultConcurrency,
            Output = fields.Template("output"),
            Text = text,
        };
        RecipeGraph.Check(recipe, _problems);
        return recipe;
    }

    private List<RecipeStep> Steps(RecipeFields fields)
    {
        switch (fields.Node("steps"))
        {
            case YamlSequenceNode { Children.Count: > 0 and <= MostSteps } list:
                var reader = new StepReader(_problems);
                return [.. list.Children.Select(reader.Read).OfType<RecipeStep>()];
            case YamlSequenceNode { Children.Count: > MostSteps } list:
                fields.Complain("steps", $"The recipe has {list.Children.Count} steps; it may have {MostSteps}.");
                return [];
            case null:
                fields.Complain("steps", "The recipe has no 'steps'.");
                return [];
            default:
                fields.Complain("steps", "'steps' must be a list of at least one step, each with an 'id'.");
                return [];
        }
    }
}

/// <summary>The fields of one mapping, each asked for by its name; others are complained of.</summary>
internal sealed class RecipeFields
{
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _fields = new(StringComparer.Ordinal);
    private readonly YamlMappingNode _node;
    private readonly List<RecipeProblem> _problems;

    public RecipeFields(YamlMappingNode node, string what, IReadOnlyList<string> known, List<RecipeProblem> problems)
    {
        _node = node;
        _problems = problems;
        foreach (var (key, value) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!known.Contains(name))
            {
                var alike = new Similarity(name);
                var near = known.MaxBy(k => alike.To(k))!;
                var hint = alike.To(near) > 0.4 ? $" Did you mean '{near}'?" : "";
                problems.Add(new RecipeProblem(RecipeYaml.Line(key), $"'{name}' is nothing {what} has.{hint} It has: {string.Join(", ", known)}."));
            }
            else if (!RecipeYaml.IsNothing(value))
            {
                _fields[name] = (key, value);
            }
        }
    }

    public int Line => RecipeYaml.Line(_node);

    public bool Has(string name) => _fields.ContainsKey(name);

    public YamlNode? Node(string name) => _fields.TryGetValue(name, out var field) ? field.Value : null;

    public void Complain(string name, string message) => _problems.Add(new RecipeProblem(_fields.TryGetValue(name, out var field) ? RecipeYaml.Line(field.Key) : Line, message));

    public string? Text(string name)
    {
        switch (Node(name))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { } text }:
                return text.Trim();
            default:
                Complain(name, $"'{name}' must be text.");
                return null;
        }
    }

    public RecipeText? Template(string name)
    {
        switch (Node(name))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { } text } scalar when !string.IsNullOrWhiteSpace(text):
                return RecipeYaml.Text(scalar);
            default:
                Complain(name, $"'{name}' must be text that is not blank.");
                return null;
        }
    }

    public int? Number(string name, int min, int max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Complain(name, $"'{name}' must be a whole number from {min} to {max}, not '{text}'.");
        return null;
    }

    /// <summary>Seconds, or a number with s, m or h behind it.</summary>
    public TimeSpan? Time(string name, TimeSpan min, TimeSpan max)
    {
        if (Text(name) is not { Length: > 0 } text)
        {
            return null;
        }

        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (long.TryParse(unit == 0 ? text : text[..^1], out var number) && number is >= 0 and < 1_000_000
            && TimeSpan.FromSeconds(number * Math.Max(1, unit)) is var time && time >= min && time <= max)
        {
            return time;
        }

        Complain(name, $"'{name}' must be from {min.TotalSeconds:0} to {max.TotalSeconds:0} seconds, such as 90, 90s, 5m or 1h, not '{text}'.");
        return null;
    }

    /// <summary>A list of texts; one text is a list of one.</summary>
    public IReadOnlyList<(string Text, int Line)>? List(string name)
    {
        switch (Node(name))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } one } scalar:
                return [(one, RecipeYaml.Line(scalar))];
            case YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode { Value.Length: > 0 }):
                return [.. list.Children.Select(c => (((YamlScalarNode)c).Value!, RecipeYaml.Line(c)))];
            default:
                Complain(name, $"'{name}' must be a list of names.");
                return null;
        }
    }
}
