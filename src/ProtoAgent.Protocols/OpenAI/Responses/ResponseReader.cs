using System.Text.Json;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>A request for a response as a turn.</summary>
internal static class ResponseReader
{
    private const int MostMetadata = 16;

    /// <param name="thread">The thread it is on; null for a fresh one.</param>
    /// <param name="goesOn">The thread is there: the input is what is new. Else the input is the conversation.</param>
    /// <exception cref="ApiException">400 naming the field.</exception>
    public static TurnRequest Read(ResponseRequest request, string? thread, bool goesOn, string? model)
    {
        RefuseUnsupported(request);
        var (instructions, spoken) = Spoken(request.Input);
        if (request.Instructions is { Length: > 0 } own)
        {
            instructions.Insert(0, own);
        }

        var tools = ToolFields.Read(request.Tools, nested: false);
        var turn = new TurnRequest
        {
            Message = "",
            ThreadId = thread,
            Model = model,
            Origin = "openai",
            Attended = request.Background != true,
            Background = request.Background == true,
            Instructions = instructions.Count > 0 ? string.Join("\n\n", instructions) : null,
            Temperature = Fields.Between(request.Temperature, 0, 2, "temperature"),
            TopP = Fields.Between(request.TopP, 0, 1, "top_p"),
            MaxOutputTokens = Fields.AtLeastOne(request.MaxOutputTokens, "max_output_tokens"),
            CallerTools = tools,
            Metadata = request.Metadata is { Count: > 0 } ? request.Metadata : null,
            Wishes = new ModelWishes
            {
                Effort = Fields.Effort(request.Reasoning?.Effort, "reasoning.effort"),
                ParallelCalls = request.ParallelToolCalls,
                ToolChoice = ToolFields.Choice(request.ToolChoice, tools),
                Format = Fields.IsGiven(request.Text?.Format) ? Fields.Format(Fields.Text(request.Text!.Format!.Value, "type"), request.Text.Format.Value, "text.format") : null,
            },
            Incognito = request.Incognito == true || request.Store == false,
        };
        return goesOn ? GoOn(turn, spoken) : Begin(turn, spoken);
    }

    /// <summary>The input is the conversation, what is to be answered last.</summary>
    private static TurnRequest Begin(TurnRequest turn, List<PriorMessage> spoken)
    {
        PriorCalls.Check(spoken, "input");
        return spoken switch
        {
            [.., { ResultOf: not null }] => turn with { History = spoken },
            [.., { FromAssistant: false } last] when !IsBlank(last) => turn with { Message = last.Text, Attachments = last.Attachments, History = spoken[..^1] },
            _ => throw Fields.Bad("input", "The input must end with a user's message, not blank, or with what came of a call: it is what is answered."),
        };
    }

    /// <summary>The input is what is new: what came of calls, and what the user says.</summary>
    private static TurnRequest GoOn(TurnRequest turn, List<PriorMessage> spoken)
    {
        if (spoken.Exists(m => m.FromAssistant))
        {
            throw Fields.Bad("input", "The conversation that is gone on with has the assistant's part. Send what is new: the user's messages, and what came of calls.");
        }

        var said = spoken.Where(m => m.ResultOf is null && !IsBlank(m)).ToList();
        return said.Count == 0 && !spoken.Exists(m => m.ResultOf is not null) ? throw Fields.Bad("input", "There is nothing to answer: send a user's message, or what came of a call.") : turn with
        {
            Message = string.Join("\n\n", said.Select(m => m.Text).Where(t => t.Length > 0)),
            Attachments = [.. said.SelectMany(m => m.Attachments)],
            CallResults = [.. spoken.Where(m => m.ResultOf is not null).Select(m => new CallerResult(m.ResultOf!, m.Text))],
        };
    }

    private static bool IsBlank(PriorMessage said) => string.IsNullOrWhiteSpace(said.Text) && said.Attachments.Count == 0;

    private static (List<string> Instructions, List<PriorMessage> Spoken) Spoken(JsonElement? input)
    {
        var (instructions, spoken) = (new List<string>(), new List<PriorMessage>());
        switch (input?.ValueKind)
        {
            case JsonValueKind.String:
                spoken.Add(new PriorMessage(false, input.Value.GetString()!));
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in input.Value.EnumerateArray())
                {
                    Add(item, $"input[{i++}]", instructions, spoken);
                }

                break;
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                throw JsonBody.Missing("input", "it is what is to be answered, as text or as items.");
            default:
                throw Fields.Bad("input", "The input must be text or an array of items.");
        }

        return (instructions, spoken);
    }

    private static void Add(JsonElement item, string field, List<string> instructions, List<PriorMessage> spoken)
    {
        switch (Fields.Text(item, "type") ?? (Fields.Text(item, "role") is null ? "" : "message"))
        {
            case "message":
                AddMessage(item, field, instructions, spoken);
                break;
            case "function_call":
                var call = new PriorCall(Required(item, "call_id", field), Required(item, "name", field), Fields.Text(item, "arguments") ?? "{}");
                if (spoken is [.., { FromAssistant: true } answer])
                {
                    spoken[^1] = answer with { Calls = [.. answer.Calls, call] };
                }
                else
                {
                    spoken.Add(new PriorMessage(true, "") { Calls = [call] });
                }

                break;
            case "function_call_output":
                item.TryGetProperty("output", out var output);
                spoken.Add(new PriorMessage(false, ContentParts.ReadText(output, $"{field}.output")) { ResultOf = Required(item, "call_id", field) });
                break;
            case "reasoning":
                // What a model thought is not given out here, and so not taken back.
                break;
            case "item_reference":
                throw Fields.Bad(field, "Items are not kept by their id. Send the item, or name the response it is of in previous_response_id.");
            case var other:
                throw Fields.Bad($"{field}.type", $"An item of type '{other}' can't be read here; message, function_call and function_call_output can.");
        }
    }

    private static void AddMessage(JsonElement item, string field, List<string> instructions, List<PriorMessage> spoken)
    {
        item.TryGetProperty("content", out var content);
        switch (Fields.Text(item, "role"))
        {
            case "system" or "developer":
                instructions.Add(ContentParts.ReadText(content, $"{field}.content"));
                break;
            case "assistant":
                spoken.Add(new PriorMessage(true, ContentParts.ReadText(content, $"{field}.content")));
                break;
            case "user":
                var said = ContentParts.Read(content, $"{field}.content");
                spoken.Add(new PriorMessage(false, said.Text) { Attachments = said.Attachments });
                break;
            default:
                throw Fields.Bad($"{field}.role", "The role must be system, developer, user or assistant.");
        }
    }

    private static string Required(JsonElement item, string name, string field) =>
        Fields.Text(item, name) is { Length: > 0 } text ? text : throw Fields.Bad($"{field}.{name}", $"The item needs its {name}.");

    private static void RefuseUnsupported(ResponseRequest request)
    {
        if (Fields.IsGiven(request.Prompt))
        {
            throw Fields.Bad("prompt", "Prompts are not kept here. Send the instructions themselves; a skill of the agent's is asked for with a slash.");
        }

        if (request.Truncation is not (null or "auto" or "disabled"))
        {
            throw Fields.Bad("truncation", "truncation must be auto or disabled; what does not fit the model is summarised either way.");
        }

        if (request.MaxToolCalls is not null)
        {
            throw Fields.Bad("max_tool_calls", "The number of calls is bounded by the instance (turns.max_rounds). Leave the field out.");
        }

        if (request.Metadata is { } metadata && (metadata.Count > MostMetadata || metadata.Any(m => m.Key.Length > 64 || m.Value is null or { Length: > 512 })))
        {
            throw Fields.Bad("metadata", $"metadata holds at most {MostMetadata} texts of 512 characters, under names of 64.");
        }

        if (request.Background == true && (request.Store == false || request.Incognito == true))
        {
            throw Fields.Bad("background", "What runs in the background is looked up later, and what is not stored can't be. Leave out one of them.");
        }

        Fields.RefuseSettings(request.Text?.Verbosity, "text.verbosity", request.ServiceTier, request.TopLogprobs);
    }
}
