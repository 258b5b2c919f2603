using System.Text.Json;
using System.Text.RegularExpressions;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>Tools the caller brings, in the words of either API.</summary>
internal static partial class ToolFields
{
    private const int MostTools = 128;

    /// <param name="nested">Whether a tool's name stands in an object <c>function</c>, as in chat completions.</param>
    /// <exception cref="ApiException">400 naming the tool.</exception>
    public static IReadOnlyList<CallerTool>? Read(JsonElement? tools, bool nested)
    {
        if (!Fields.IsGiven(tools))
        {
            return null;
        }

        if (tools!.Value.ValueKind != JsonValueKind.Array || tools.Value.GetArrayLength() > MostTools)
        {
            throw Fields.Bad("tools", $"tools must be an array of at most {MostTools}.");
        }

        var read = new List<CallerTool>();
        foreach (var tool in tools.Value.EnumerateArray())
        {
            var field = $"tools[{read.Count}]";
            if (Fields.Text(tool, "type") is not "function")
            {
                throw Fields.Bad($"{field}.type", $"Tools of type function are taken; '{Fields.Text(tool, "type")}' is not made here. The agent has tools of its own: GET /api/tools lists them.");
            }

            var its = nested ? $"{field}.function" : field;
            var function = !nested ? tool : tool.TryGetProperty("function", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : throw Fields.Bad(its, "The function is missing.");
            var name = Fields.Text(function, "name");
            if (name is null || !Name().IsMatch(name))
            {
                throw Fields.Bad($"{its}.name", "A tool's name has 1 to 64 letters, digits, '_' and '-'.");
            }

            if (read.Exists(t => t.Name == name))
            {
                throw Fields.Bad($"{its}.name", $"Two tools are called '{name}'.");
            }

            var parameters = function.TryGetProperty("parameters", out var schema) && schema.ValueKind != JsonValueKind.Null ? schema : (JsonElement?)null;
            if (parameters is { ValueKind: not JsonValueKind.Object })
            {
                throw Fields.Bad($"{its}.parameters", "The parameters must be a JSON schema, which is an object.");
            }

            read.Add(new CallerTool(name, Fields.Text(function, "description"), parameters, Fields.Flag(function, "strict")));
        }

        return read;
    }

    /// <returns>As <see cref="ModelWishes.ToolChoice"/>.</returns>
    public static string? Choice(JsonElement? choice, IReadOnlyList<CallerTool>? tools)
    {
        if (!Fields.IsGiven(choice))
        {
            return null;
        }

        var word = choice!.Value.ValueKind == JsonValueKind.String ? choice.Value.GetString() : null;
        if (tools is null)
        {
            // Some clients say "auto" or "none" whether or not they have tools.
            return word is "auto" or "none" ? null : throw Fields.Bad("tool_choice", "tool_choice says which of 'tools' to call, and there are none.");
        }

        if (word is "auto" or "none" or "required")
        {
            return word == "auto" ? null : word;
        }

        var name = Fields.Text(choice.Value, "name") ?? (choice.Value.ValueKind == JsonValueKind.Object && choice.Value.TryGetProperty("function", out var function) ? Fields.Text(function, "name") : null);
        return Fields.Text(choice.Value, "type") == "function" && name is not null
            ? tools.Any(t => t.Name == name) ? name : throw Fields.Bad("tool_choice", $"tool_choice names '{name}', which is none of 'tools'.")
            : throw Fields.Bad("tool_choice", "tool_choice must be auto, none, required, or name one function.");
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Name();
}
