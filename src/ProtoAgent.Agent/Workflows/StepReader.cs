using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Agent.Workflows;

/// <summary>One step of a recipe.</summary>
internal sealed class StepReader(List<RecipeProblem> problems)
{
    private const int MostRetries = 10;

    private static readonly string[] s_keys =
        ["id", "subagent", "tool", "arguments", "tools", "prompt", "depends_on", "gate", "question", "retry", "timeout", "output"];

    private static readonly string[] s_retryKeys = ["times", "pause"];

    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromHours(24);

    /// <summary>Null if it can't even be named.</summary>
    public RecipeStep? Read(YamlNode node)
    {
        if (node is not YamlMappingNode map)
        {
            problems.Add(new RecipeProblem(RecipeYaml.Line(node), "A step must be a mapping with an 'id'."));
            return null;
        }

        var fields = new RecipeFields(map, "a step", s_keys, problems);
        var id = fields.Text("id");
        if (id is null || RecipeName.Shape(id) is not null)
        {
            fields.Complain("id", id is null ? "This step has no 'id'." : $"The id '{id}' is refused: {RecipeName.Shape(id)}.");
            return null;
        }

        var (retries, pause) = Retry(fields);
        var step = new RecipeStep(id, fields.Line)
        {
            Subagent = fields.Text("subagent"),
            Tool = fields.Text("tool"),
            Tools = fields.List("tools") is { } tools ? [.. tools.Select(t => t.Text)] : null,
            Prompt = fields.Template("prompt"),
            Question = fields.Template("question"),
            Arguments = fields.Node("arguments") is { } arguments ? Arguments(fields, arguments) : null,
            DependsOn = fields.List("depends_on") is { } before ? [.. before.Select(b => b.Text).Distinct()] : [],
            IsGate = IsGate(fields),
            Retries = retries,
            RetryPause = pause,
            Timeout = fields.Time("timeout", TimeSpan.FromSeconds(1), s_longestTimeout),
            IsJson = IsJson(fields),
        };
        RefuseMixtures(fields, step);
        return step with { WaitsFor = new HashSet<string>([.. step.DependsOn, .. step.Texts.SelectMany(t => t.Places).Select(p => p.Step).OfType<string>()], StringComparer.Ordinal) };
    }

    private static void RefuseMixtures(RecipeFields fields, RecipeStep step)
    {
        if (step.Tool is not null)
        {
            foreach (var other in (string[])["subagent", "prompt", "tools"])
            {
                if (fields.Has(other))
                {
                    fields.Complain(other, $"The step '{step.Id}' calls a tool and so has no '{other}': a tool takes 'arguments'.");
                }
            }
        }
        else if (fields.Has("arguments"))
        {
            fields.Complain("arguments", $"The step '{step.Id}' has 'arguments' but no 'tool' that takes them.");
        }

        if (step.IsQuestion && !step.IsGate)
        {
            fields.Complain("id", $"The step '{step.Id}' does nothing: it needs a 'prompt' (for its 'subagent', or the agent itself), a 'tool', or 'gate: human' with a 'question'.");
        }
        else if (step.IsQuestion && step.Question is null)
        {
            fields.Complain("gate", $"The step '{step.Id}' waits for a person and does nothing else: say what they are asked, as 'question'.");
        }
        else if (step.IsQuestion && step.Subagent is not null)
        {
            fields.Complain("subagent", $"The subagent of the step '{step.Id}' has no 'prompt'.");
        }

        if (step.Question is not null && !step.IsGate)
        {
            fields.Complain("question", $"The step '{step.Id}' has a 'question' and no 'gate: human' to ask it at.");
        }
    }

    private static bool IsGate(RecipeFields fields)
    {
        var gate = fields.Text("gate");
        if (gate is not (null or "human"))
        {
            fields.Complain("gate", $"'gate' is 'human' or left out, not '{gate}'.");
        }

        return gate == "human";
    }

    private static bool IsJson(RecipeFields fields)
    {
        var output = fields.Text("output");
        if (output is not (null or "text" or "json"))
        {
            fields.Complain("output", $"A step's 'output' is 'text' or 'json', not '{output}'. What the whole run answers stands beside 'steps', as 'output'.");
        }

        return output == "json";
    }

    private (int Retries, TimeSpan Pause) Retry(RecipeFields fields)
    {
        var usual = new RecipeStep("", 0).RetryPause;
        if (fields.Node("retry") is not YamlMappingNode map)
        {
            return (fields.Number("retry", 0, MostRetries) ?? 0, usual);
        }

        var retry = new RecipeFields(map, "a retry", s_retryKeys, problems);
        return (retry.Number("times", 0, MostRetries) ?? 1, retry.Time("pause", TimeSpan.Zero, s_longestPause) ?? usual);
    }

    private ArgumentValue? Arguments(RecipeFields fields, YamlNode node)
    {
        if (node is YamlMappingNode)
        {
            return Argument(node);
        }

        fields.Complain("arguments", "'arguments' must be a mapping of the tool's arguments.");
        return null;
    }

    private ArgumentValue Argument(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                return new ArgumentValue.Map([.. map.Children.Select(c => KeyValuePair.Create(Key(c.Key), Argument(c.Value)))]);
            case YamlSequenceNode list:
                return new ArgumentValue.List([.. list.Children.Select(Argument)]);
            default:
                var scalar = (YamlScalarNode)node;
                var value = RecipeYaml.Scalar(scalar);
                return value?.GetValueKind() == System.Text.Json.JsonValueKind.String ? new ArgumentValue.Text(RecipeYaml.Text(scalar)) : new ArgumentValue.Constant(value);
        }
    }

    private string Key(YamlNode key)
    {
        if (key is YamlScalarNode { Value: { } name })
        {
            return name;
        }

        problems.Add(new RecipeProblem(RecipeYaml.Line(key), "The name of an argument must be plain text."));
        return "";
    }
}
