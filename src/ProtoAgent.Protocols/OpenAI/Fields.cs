using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Models;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>Fields of a request as they may be: what does not fit is named, with what would.</summary>
internal static class Fields
{
    public static ApiException Bad(string field, string message) => new(StatusCodes.Status400BadRequest, "unsupported_value", message, field);

    public static bool IsGiven(JsonElement? value) =>
        value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given && !(given.ValueKind == JsonValueKind.Array && given.GetArrayLength() == 0);

    /// <summary>Null where there is no text under that name.</summary>
    public static string? Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    public static float? Between(float? value, float least, float most, string field) =>
        value is null || (value >= least && value <= most) ? value : throw Bad(field, $"{field} must be a number from {least} to {most}; it is {value}.");

    public static int? AtLeastOne(int? value, string field) => value is null or >= 1 ? value : throw Bad(field, $"{field} must be a whole number above 0; it is {value}.");

    public static string? Effort(string? effort, string field) => effort switch
    {
        null or "none" or "low" or "medium" or "high" or "xhigh" => effort,

        // The client of the model's endpoint has no such word, and this is the next.
        "minimal" => "low",
        _ => throw Bad(field, $"{field} must be none, minimal, low, medium, high or xhigh; it is '{effort}'."),
    };

    /// <param name="type">As <c>text</c>, <c>json_object</c> or <c>json_schema</c> say it.</param>
    /// <param name="schema">What holds name, description, schema and strict.</param>
    public static AnswerFormat? Format(string? type, JsonElement schema, string field)
    {
        switch (type)
        {
            case "text":
                return null;
            case "json_object":
                return new AnswerFormat();
            case "json_schema" when schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("schema", out var given) && given.ValueKind == JsonValueKind.Object:
                return Text(schema, "name") is { Length: > 0 } name
                    ? new AnswerFormat(given, name, Text(schema, "description"), Flag(schema, "strict"))
                    : throw Bad($"{field}.name", "The schema needs a name of letters, digits, '_' and '-'.");
            case "json_schema":
                throw Bad($"{field}.schema", "The schema is missing, or is not a JSON object.");
            default:
                throw Bad($"{field}.type", "The format's type must be text, json_object or json_schema.");
        }
    }

    public static bool? Flag(JsonElement value, string name) =>
        value.TryGetProperty(name, out var found) && found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : null;

    /// <summary>What would change the answer and is not done here.</summary>
    public static void RefuseSettings(string? verbosity, string verbosityField, string? serviceTier, int? topLogprobs)
    {
        if (verbosity is not (null or "medium"))
        {
            throw Bad(verbosityField, $"{verbosityField} can't be passed on to the model. Leave it out, and say in the instructions how long the answer is to be.");
        }

        if (serviceTier is not (null or "auto" or "default"))
        {
            throw Bad("service_tier", "Which tier a model runs in is not for a request to say here; service_tier must be auto, default or left out.");
        }

        if (topLogprobs is not (null or 0))
        {
            throw Bad("top_logprobs", "No log probabilities are given here. Leave the field out.");
        }
    }
}
