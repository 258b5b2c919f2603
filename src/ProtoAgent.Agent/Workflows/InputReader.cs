using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Agent.Workflows;

/// <summary>The inputs of a recipe: a mapping of names, or a list of mappings with a name.</summary>
internal sealed class InputReader(List<RecipeProblem> problems)
{
    private static readonly string[] s_keys = ["name", "type", "required", "default", "description"];

    public IReadOnlyList<RecipeInput> Read(YamlNode? node)
    {
        var inputs = new List<RecipeInput>();
        switch (node)
        {
            case null:
                break;
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                {
                    Add(inputs, (key as YamlScalarNode)?.Value ?? "", RecipeYaml.Line(key), value);
                }

                break;
            case YamlSequenceNode list:
                foreach (var item in list.Children)
                {
                    var name = item is YamlMappingNode fields && fields.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: "name" }).Value is YamlScalarNode scalar ? scalar.Value ?? "" : "";
                    Add(inputs, name, RecipeYaml.Line(item), item);
                }

                break;
            default:
                problems.Add(new RecipeProblem(RecipeYaml.Line(node), "'inputs' must be a mapping of names, each with its type, or a list of them."));
                break;
        }

        return inputs;
    }

    private void Add(List<RecipeInput> inputs, string name, int line, YamlNode value)
    {
        if (RecipeName.Shape(name) is { } problem)
        {
            problems.Add(new RecipeProblem(line, name.Length == 0 ? "This input has no name." : $"The input's name '{name}' is refused: {problem}."));
            return;
        }

        if (inputs.Any(i => i.Name == name))
        {
            problems.Add(new RecipeProblem(line, $"There is an input '{name}' already."));
            return;
        }

        if (Input(name, line, value) is { } input)
        {
            inputs.Add(input);
        }
    }

    private RecipeInput? Input(string name, int line, YamlNode value)
    {
        if (RecipeYaml.IsNothing(value))
        {
            return new RecipeInput(name, InputType.String, Required: true, null, "");
        }

        if (value is not YamlMappingNode map)
        {
            problems.Add(new RecipeProblem(line, $"The input '{name}' must be a mapping: type, required, default, description."));
            return null;
        }

        var fields = new RecipeFields(map, "an input", s_keys, problems);
        var type = Type(fields, name);
        var otherwise = Default(fields, name, type);
        var required = fields.Text("required") switch
        {
            null => otherwise is null,
            "true" => true,
            "false" => false,
            var other => Complain(fields, other),
        };
        return new RecipeInput(name, type, required && otherwise is null, otherwise, fields.Text("description") ?? "");
    }

    private static InputType Type(RecipeFields fields, string name)
    {
        switch (fields.Text("type"))
        {
            case null or "string":
                return InputType.String;
            case "number":
                return InputType.Number;
            case "boolean":
                return InputType.Boolean;
            case "list":
                return InputType.List;
            case var other:
                fields.Complain("type", $"The input '{name}' is of no type '{other}'. There is: string, number, boolean, list.");
                return InputType.String;
        }
    }

    private static JsonNode? Default(RecipeFields fields, string name, InputType type)
    {
        JsonNode? given = fields.Node("default") switch
        {
            YamlScalarNode scalar => RecipeYaml.Scalar(scalar),
            YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode) => new JsonArray([.. list.Children.Select(c => RecipeYaml.Scalar((YamlScalarNode)c))]),
            _ => null,
        };
        if (given is null)
        {
            if (fields.Has("default"))
            {
                fields.Complain("default", $"The default of '{name}' must be {InputValues.Describe(type)}.");
            }

            return null;
        }

        // A plain 007 or true is a text where a text is wanted.
        var raw = type == InputType.String && fields.Node("default") is YamlScalarNode { Value: { } text } ? JsonValue.Create(text) : given;
        if (InputValues.Read(type, raw) is { } read)
        {
            return read;
        }

        fields.Complain("default", $"The default of '{name}' must be {InputValues.Describe(type)}.");
        return null;
    }

    private static bool Complain(RecipeFields fields, string other)
    {
        fields.Complain("required", $"'required' must be true or false, not '{other}'.");
        return true;
    }
}
