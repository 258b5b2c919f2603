using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>A request of OpenAI's shape as a turn.</summary>
internal static class CompletionReader
{
    /// <param name="thread">The thread the caller names, which then is the memory: of the messages only the last is new. Null: the messages are the conversation.</param>
    /// <exception cref="ApiException">400 naming the field: what can't be honoured is refused, never ignored.</exception>
    public static TurnRequest Read(CompletionRequest request, string? thread, string? model)
    {
        RefuseUnsupported(request);
        if (request.Messages is not { Count: > 0 } messages)
        {
            throw JsonBody.Missing("messages", "it holds the conversation, the user's message last.");
        }

        var instructions = new List<string>();
        var spoken = new List<PriorMessage>();
        for (var i = 0; i < messages.Count; i++)
        {
            var text = Text(messages[i].Content, $"messages[{i}].content");
            switch (messages[i].Role)
            {
                case "system" or "developer":
                    instructions.Add(text);
                    break;
                case "user" or "assistant":
                    spoken.Add(new PriorMessage(messages[i].Role == "assistant", text));
                    break;
                default:
                    throw Bad($"messages[{i}].role", "The role must be system, developer, user or assistant.");
            }
        }

        if (spoken is not [.., { FromAssistant: false } last] || string.IsNullOrWhiteSpace(last.Text))
        {
            throw Bad("messages", "The last message must be the user's, and not blank: it is what is answered.");
        }

        return new TurnRequest
        {
            Message = last.Text,
            ThreadId = thread,
            Model = model,
            Origin = "openai",
            History = thread is null ? spoken[..^1] : [],
            Instructions = instructions.Count > 0 ? string.Join("\n\n", instructions) : null,
            Temperature = request.Temperature,
            TopP = request.TopP,
            MaxOutputTokens = request.MaxCompletionTokens ?? request.MaxTokens,
            StopSequences = Stops(request.Stop),
            Incognito = request.Incognito == true,
        };
    }

    private static void RefuseUnsupported(CompletionRequest request)
    {
        if (request.N is not (null or 1))
        {
            throw Bad("n", "This version gives one answer; n must be 1.");
        }

        if (IsGiven(request.Tools) || IsGiven(request.Functions))
        {
            throw Bad(IsGiven(request.Tools) ? "tools" : "functions", "This version does not take tools from the caller. Leave the field out.");
        }

        if (IsGiven(request.Audio))
        {
            throw Bad("audio", "This version answers in text. Leave the field out.");
        }

        if (IsGiven(request.ResponseFormat) && !(request.ResponseFormat!.Value.ValueKind == JsonValueKind.Object
            && request.ResponseFormat.Value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "text"))
        {
            throw Bad("response_format", "This version answers in text; response_format must be {\"type\":\"text\"} or left out.");
        }

        if (request.Logprobs == true)
        {
            throw Bad("logprobs", "This version gives no log probabilities. Leave the field out.");
        }
    }

    private static string Text(JsonElement? content, string field)
    {
        switch (content?.ValueKind)
        {
            case JsonValueKind.String:
                return content.Value.GetString()!;
            case JsonValueKind.Array:
                return string.Concat(content.Value.EnumerateArray().Select(part => PartText(part, field)));
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                return "";
            default:
                throw Bad(field, "The content must be text, or an array of text parts.");
        }
    }

    private static string PartText(JsonElement part, string field) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString() == "text" && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw Bad(field, $"This version reads text parts; it can't take a part of type '{type.GetString()}'.")
            : throw Bad(field, "Each part of the content must be an object with a type.");

    private static IReadOnlyList<string>? Stops(JsonElement? stop) => stop?.ValueKind switch
    {
        null or JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => [stop.Value.GetString()!],
        JsonValueKind.Array when stop.Value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String) => [.. stop.Value.EnumerateArray().Select(s => s.GetString()!)],
        _ => throw Bad("stop", "stop must be text or an array of text."),
    };

    private static bool IsGiven(JsonElement? value) =>
        value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given && !(given.ValueKind == JsonValueKind.Array && given.GetArrayLength() == 0);

    private static ApiException Bad(string field, string message) => new(StatusCodes.Status400BadRequest, "unsupported_value", message, field);
}
