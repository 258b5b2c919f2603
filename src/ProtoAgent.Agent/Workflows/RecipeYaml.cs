using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Agent.Workflows;

/// <summary>YAML as a tree whose nodes know their lines. No reflection: nothing is mapped to a type.</summary>
internal static class RecipeYaml
{
    /// <summary>Characters a recipe may have.</summary>
    public const int Longest = 262_144;

    private const int DeepestNesting = 16;

    /// <summary>The root; null, with the reason among the problems, if there is none.</summary>
    public static YamlNode? Read(string text, List<RecipeProblem> problems)
    {
        if (text.Length > Longest)
        {
            problems.Add(new RecipeProblem(1, $"The recipe has {text.Length} characters; it may have {Longest}."));
            return null;
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            if (!IsSafe(parser, problems))
            {
                return null;
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            switch (stream.Documents)
            {
                case [{ RootNode: YamlMappingNode root }]:
                    return root;
                case [_, var second, ..]:
                    problems.Add(new RecipeProblem(Line(second.RootNode), "A second document begins here. A file holds one recipe."));
                    return null;
                default:
                    problems.Add(new RecipeProblem(1, "A recipe is a mapping: name, description, inputs, steps, output."));
                    return null;
            }
        }
        catch (YamlException e)
        {
            // What is missing at the end is missing in the last line, not behind it.
            problems.Add(new RecipeProblem(Math.Clamp((int)e.Start.Line, 1, text.AsSpan().TrimEnd().Count('\n') + 1), $"This is not valid YAML: {(e.InnerException ?? e).Message}"));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The parser stumbles over some junk instead of naming it.
            problems.Add(new RecipeProblem(Math.Max(1, (int)(parser.Current?.Start.Line ?? 1)), $"This is not valid YAML: {e.Message}"));
        }

        return null;
    }

    public static int Line(YamlNode node) => Math.Max(1, (int)node.Start.Line);

    public static bool IsNothing(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    public static RecipeText Text(YamlScalarNode node) => new(node.Value ?? "", Line(node), node.Style == ScalarStyle.Literal);

    /// <summary>A scalar as JSON, by YAML's core schema; a quoted one is a string.</summary>
    public static JsonNode? Scalar(YamlScalarNode node) => node switch
    {
        _ when IsNothing(node) => null,
        { Style: ScalarStyle.Plain, Value: "true" or "True" or "TRUE" } => JsonValue.Create(true),
        { Style: ScalarStyle.Plain, Value: "false" or "False" or "FALSE" } => JsonValue.Create(false),
        { Style: ScalarStyle.Plain, Value: { } text } when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        { Style: ScalarStyle.Plain, Value: { } text } when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
        _ => JsonValue.Create(node.Value ?? ""),
    };

    /// <summary>
    /// The tree is built recursively: nesting without end would take the stack. An alias stands for its whole anchor: a few of them
    /// in each other are as many nodes as one likes.
    /// </summary>
    private static bool IsSafe(Parser parser, List<RecipeProblem> problems)
    {
        for (var depth = 0; parser.MoveNext(); depth += parser.Current!.NestingIncrease)
        {
            if (depth > 2 * DeepestNesting)
            {
                problems.Add(new RecipeProblem((int)parser.Current!.Start.Line, "It is nested too deeply."));
                return false;
            }

            if (parser.Current is AnchorAlias alias)
            {
                problems.Add(new RecipeProblem((int)alias.Start.Line, $"A recipe has no aliases: write out what '*{alias.Value}' stands for."));
                return false;
            }
        }

        return true;
    }
}
