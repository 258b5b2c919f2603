using System.Text.Json;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>A request of OpenAI's shape as a turn.</summary>
internal static class CompletionReader
{
    /// <param name="thread">The thread the caller names, which then is the memory: only what stands behind its last answer is new. Null: the messages are the conversation.</param>
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
            if (messages[i].Role is "system" or "developer")
            {
                instructions.Add(ContentParts.ReadText(messages[i].Content, $"messages[{i}].content"));
            }
            else
            {
                spoken.Add(Spoken(messages[i], $"messages[{i}]"));
            }
        }

        var asked = spoken is [.., { FromAssistant: false, ResultOf: null } last] ? last : null;
        if ((asked is null && spoken is not [.., { ResultOf: not null }]) || (asked is { Attachments.Count: 0 } && string.IsNullOrWhiteSpace(asked.Text)))
        {
            throw Fields.Bad("messages", "The last message must be the user's, and not blank, or a tool's: it is what is answered.");
        }

        if (thread is null)
        {
            PriorCalls.Check(spoken, "messages");
        }

        var tools = ToolFields.Read(request.Tools, nested: true);
        return new TurnRequest
        {
            Message = asked?.Text ?? "",
            Attachments = asked?.Attachments ?? [],
            ThreadId = thread,
            Model = model,
            Origin = "openai",
            History = thread is not null ? [] : asked is null ? spoken : spoken[..^1],
            CallResults = thread is null ? [] : [.. spoken.Skip(spoken.FindLastIndex(m => m.FromAssistant) + 1).Where(m => m.ResultOf is not null).Select(m => new CallerResult(m.ResultOf!, m.Text))],
            Instructions = instructions.Count > 0 ? string.Join("\n\n", instructions) : null,
            Temperature = Fields.Between(request.Temperature, 0, 2, "temperature"),
            TopP = Fields.Between(request.TopP, 0, 1, "top_p"),
            MaxOutputTokens = Fields.AtLeastOne(request.MaxCompletionTokens, "max_completion_tokens") ?? Fields.AtLeastOne(request.MaxTokens, "max_tokens"),
            StopSequences = Stops(request.Stop),
            CallerTools = tools,
            Wishes = new ModelWishes
            {
                Seed = request.Seed,
                FrequencyPenalty = Fields.Between(request.FrequencyPenalty, -2, 2, "frequency_penalty"),
                PresencePenalty = Fields.Between(request.PresencePenalty, -2, 2, "presence_penalty"),
                Effort = Fields.Effort(request.ReasoningEffort, "reasoning_effort"),
                ParallelCalls = request.ParallelToolCalls,
                ToolChoice = ToolFields.Choice(request.ToolChoice, tools),
                Format = Format(request.ResponseFormat),
            },
            Incognito = request.Incognito == true,
        };
    }

    private static PriorMessage Spoken(CompletionMessage message, string field)
    {
        switch (message.Role)
        {
            case "user":
                var said = ContentParts.Read(message.Content, $"{field}.content");
                return new PriorMessage(false, said.Text) { Attachments = said.Attachments };
            case "assistant" when Fields.IsGiven(message.FunctionCall):
                throw Fields.Bad($"{field}.function_call", "Calls are taken as tool_calls; function_call is the older way.");
            case "assistant":
                return new PriorMessage(true, ContentParts.ReadText(message.Content, $"{field}.content")) { Calls = [.. (message.ToolCalls ?? []).Select((c, i) => Call(c, $"{field}.tool_calls[{i}]"))] };
            case "tool":
                return new PriorMessage(false, ContentParts.ReadText(message.Content, $"{field}.content"))
                {
                    ResultOf = message.ToolCallId is { Length: > 0 } id ? id : throw Fields.Bad($"{field}.tool_call_id", "A tool's message names the call it is the result of."),
                };
            default:
                throw Fields.Bad($"{field}.role", "The role must be system, developer, user, assistant or tool.");
        }
    }

    private static PriorCall Call(CompletionCall call, string field) =>
        call is { Id.Length: > 0, Type: null or "function", Function: { Name.Length: > 0 } function }
            ? new PriorCall(call.Id, function.Name, function.Arguments ?? "{}")
            : throw Fields.Bad(field, "A call has an id, the type function, and a function with a name and arguments.");

    private static void RefuseUnsupported(CompletionRequest request)
    {
        if (request.N is not (null or 1))
        {
            throw Fields.Bad("n", "One answer is given; n must be 1.");
        }

        if (Fields.IsGiven(request.Functions) || (Fields.IsGiven(request.FunctionCall) && request.FunctionCall!.Value.ValueKind != JsonValueKind.String))
        {
            throw Fields.Bad(Fields.IsGiven(request.Functions) ? "functions" : "function_call", "Functions are taken as tools: {\"type\":\"function\",\"function\":{…}} in 'tools', and 'tool_choice'.");
        }

        if (Fields.IsGiven(request.Audio) || (request.Modalities ?? []).Any(m => m != "text"))
        {
            throw Fields.Bad(Fields.IsGiven(request.Audio) ? "audio" : "modalities", "The answer is text. Leave the field out.");
        }

        if (Fields.IsGiven(request.WebSearchOptions))
        {
            throw Fields.Bad("web_search_options", "The agent searches with a tool of its own (web_search.url), as it sees fit. Leave the field out.");
        }

        if (request.LogitBias is { ValueKind: JsonValueKind.Object } bias && bias.EnumerateObject().Any())
        {
            throw Fields.Bad("logit_bias", "logit_bias can't be passed on to the model. Leave the field out.");
        }

        if (request.Logprobs == true)
        {
            throw Fields.Bad("logprobs", "No log probabilities are given here. Leave the field out.");
        }

        Fields.RefuseSettings(request.Verbosity, "verbosity", request.ServiceTier, request.TopLogprobs);
    }

    private static AnswerFormat? Format(JsonElement? given) => !Fields.IsGiven(given) ? null : Fields.Format(
        Fields.Text(given!.Value, "type"), given.Value.ValueKind == JsonValueKind.Object && given.Value.TryGetProperty("json_schema", out var schema) ? schema : default, "response_format");

    private static IReadOnlyList<string>? Stops(JsonElement? stop) => stop?.ValueKind switch
    {
        null or JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => [stop.Value.GetString()!],
        JsonValueKind.Array when stop.Value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String) => [.. stop.Value.EnumerateArray().Select(s => s.GetString()!)],
        _ => throw Fields.Bad("stop", "stop must be text or an array of text."),
    };
}
