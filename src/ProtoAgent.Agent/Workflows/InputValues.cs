using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What a run is given, checked against what its recipe takes. A text is read as whatever is wanted: command lines have nothing else.</summary>
internal static class InputValues
{
    public static string Describe(InputType type) => type switch
    {
        InputType.Number => "a number",
        InputType.Boolean => "true or false",
        InputType.List => "a list of texts, numbers or booleans",
        _ => "text",
    };

    /// <summary>All inputs of the recipe, in its order.</summary>
    /// <exception cref="WorkflowException">Some don't fit; all of those are named.</exception>
    public static JsonObject Bind(Recipe recipe, JsonObject given)
    {
        var problems = new List<string>();
        var bound = new JsonObject();
        foreach (var unknown in given.Select(g => g.Key).Where(k => recipe.Inputs.All(i => i.Name != k)))
        {
            problems.Add($"'{unknown}' is none of its inputs");
        }

        foreach (var input in recipe.Inputs)
        {
            if (given[input.Name] is { } value)
            {
                if (Read(input.Type, value) is { } read)
                {
                    bound[input.Name] = read;
                }
                else
                {
                    problems.Add($"'{input.Name}' must be {Describe(input.Type)}");
                }
            }
            else if (input.Required)
            {
                problems.Add($"'{input.Name}' is missing");
            }
            else
            {
                bound[input.Name] = input.Default?.DeepClone();
            }
        }

        return problems.Count == 0 ? bound : throw new WorkflowException(
            "inputs_invalid", $"The inputs of the workflow '{recipe.Name}' don't fit: {string.Join("; ", problems)}. {Usage(recipe)}", "inputs");
    }

    /// <summary>What it takes, in a line.</summary>
    public static string Usage(Recipe recipe) => recipe.Inputs.Count == 0
        ? "It takes none."
        : $"It takes: {string.Join(", ", recipe.Inputs.Select(i => $"{i.Name} ({i.Type.ToString().ToLowerInvariant()}{(i.Required ? "" : ", may be left out")})"))}.";

    /// <summary>The value as the type has it; null if it is none.</summary>
    public static JsonNode? Read(InputType type, JsonNode value)
    {
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        switch (type)
        {
            case InputType.String:
                return text is not null ? JsonValue.Create(text) : value is JsonValue ? JsonValue.Create(value.ToJsonString()) : null;
            case InputType.Number:
                return value.GetValueKind() == JsonValueKind.Number ? value.DeepClone()
                    : text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                        ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? JsonValue.Create(whole) : JsonValue.Create(number)
                    : null;
            case InputType.Boolean:
                return value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.DeepClone()
                    : text?.ToLowerInvariant() switch { "true" or "yes" => JsonValue.Create(true), "false" or "no" => JsonValue.Create(false), _ => null };
            default:
                return value is JsonArray array ? array.All(i => i is JsonValue) ? array.DeepClone() : null : text is not null ? List(text) : null;
        }
    }

    /// <summary><c>key=value key="a b"</c>; text without a known key is all of the first input that is required, or the first.</summary>
    public static JsonObject FromText(Recipe recipe, string text)
    {
        var words = Words(text);
        var given = new JsonObject();
        if (words.Count > 0 && words.All(w => w.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && recipe.Inputs.Any(i => i.Name == w[..at])))
        {
            words.ForEach(w => given[w[..w.IndexOf('=', StringComparison.Ordinal)]] = w[(w.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }
        else if (text.Trim() is { Length: > 0 } all && recipe.Inputs.OrderByDescending(i => i.Required).FirstOrDefault() is { } first)
        {
            given[first.Name] = all;
        }

        return given;
    }

    private static JsonArray? List(string text)
    {
        if (!text.TrimStart().StartsWith('['))
        {
            return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(JsonNode? (t) => JsonValue.Create(t))];
        }

        try
        {
            return JsonNode.Parse(text) is JsonArray array && array.All(i => i is JsonValue) ? array : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        var any = false;
        foreach (var c in text)
        {
            if (c == '"')
            {
                (quoted, any) = (!quoted, true);
            }
            else if (char.IsWhiteSpace(c) && !quoted)
            {
                Take();
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }

        Take();
        return words;

        void Take()
        {
            if (any)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            any = false;
        }
    }
}
