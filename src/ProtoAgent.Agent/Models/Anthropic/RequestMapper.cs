using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>
/// A conversation as the Messages API takes it: the system's words apart, roles that alternate, tool results in the user's
/// message and first in it, no blank text.
/// </summary>
internal static class RequestMapper
{
    private const int DefaultMaxTokens = 8192;

    public static MessagesRequest Map(IEnumerable<ChatMessage> messages, ChatOptions? chat, ModelOptions options)
    {
        var system = new List<RequestBlock>();
        AddText(system, chat?.Instructions);
        AddText(system, Format(chat?.ResponseFormat));
        var turns = new List<(string Role, List<RequestBlock> Blocks)>();
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System)
            {
                AddText(system, message.Text);
                continue;
            }

            var role = message.Role == ChatRole.Assistant ? "assistant" : "user";
            var blocks = message.Contents.Select(c => Block(c, role)).OfType<RequestBlock>().ToList();
            if (turns.Count > 0 && turns[^1].Role == role)
            {
                turns[^1].Blocks.AddRange(blocks);
            }
            else if (blocks.Count > 0)
            {
                turns.Add((role, blocks));
            }
        }

        turns = [.. turns.Select(t => (t.Role, t.Blocks.OrderBy(b => b.Type == "tool_result" ? 0 : 1).ToList()))];

        // Kept as they are sent, the system's words and the conversation so far cost a tenth in the turn's next call.
        Keep(system);
        if (turns is [.., ("user", var last)])
        {
            Keep(last);
        }

        var tools = Tools(chat, turns.SelectMany(t => t.Blocks));
        return new MessagesRequest(
            chat?.ModelId ?? options.Name,
            chat?.MaxOutputTokens ?? options.MaxOutputTokens ?? DefaultMaxTokens,
            [.. turns.Select(t => new RequestMessage(t.Role, t.Blocks))])
        {
            System = system.Count > 0 ? system : null,
            Temperature = chat?.Temperature,

            // Newer models refuse both; beside a temperature, a 1 says nothing.
            TopP = chat is { Temperature: not null, TopP: 1 } ? null : chat?.TopP,
            StopSequences = chat?.StopSequences is { Count: > 0 } stops ? [.. stops] : null,
            Tools = tools.Count > 0 ? tools : null,
            ToolChoice = tools.Count > 0 ? Choice(chat) : null,
        };
    }

    /// <summary>Older models here know no response format: it is asked for in words, and nothing holds the model to it.</summary>
    private static string? Format(ChatResponseFormat? format) => format switch
    {
        ChatResponseFormatJson { Schema: { } schema } => $"Answer with one JSON value that matches the JSON schema below, and with nothing around it: no words, no code fence.\n{schema.GetRawText()}",
        ChatResponseFormatJson => "Answer with one JSON object and with nothing around it: no words, no code fence.",
        _ => null,
    };

    private static RequestBlock? Block(AIContent content, string role) => content switch
    {
        TextContent text => string.IsNullOrWhiteSpace(text.Text) ? null : new RequestBlock("text") { Text = text.Text },

        // A thought without a signature is another provider's, or cut off: this one would refuse it.
        TextReasoningContent { ProtectedData: { Length: > 0 } sealedBy } thought when role == "assistant" => sealedBy.StartsWith(AnswerReader.Redacted, StringComparison.Ordinal)
            ? new RequestBlock("redacted_thinking") { Data = sealedBy[AnswerReader.Redacted.Length..] }
            : new RequestBlock("thinking") { Thinking = thought.Text, Signature = sealedBy },
        FunctionCallContent call => new RequestBlock("tool_use") { Id = Id(call.CallId), Name = call.Name, Input = Input(call) },
        FunctionResultContent result => new RequestBlock("tool_result")
        {
            ToolUseId = Id(result.CallId), Content = Text(result.Result), IsError = result.Exception is null ? null : true,
        },
        DataContent data when data.HasTopLevelMediaType("image") => new RequestBlock("image") { Source = Embedded(data) },
        DataContent { MediaType: "application/pdf" } data => new RequestBlock("document") { Source = Embedded(data) },
        UriContent uri when uri.HasTopLevelMediaType("image") => new RequestBlock("image") { Source = new BlockSource("url", Url: uri.Uri.ToString()) },
        DataContent { MediaType: var type } => throw Unshowable(type),
        UriContent { MediaType: var type } => throw Unshowable(type),
        _ => null,
    };

    private static BlockSource Embedded(DataContent data) => new("base64", data.MediaType, data.Base64Data.ToString());

    private static ModelException Unshowable(string mediaType) =>
        new("model_refused", $"Anthropic's models can't be shown '{mediaType}', only text, images and PDF. Send it as one of these.");

    /// <summary>Other providers' ids hold what this one refuses (<c>functions.time:0</c>); a call and its result are changed alike.</summary>
    private static string Id(string callId)
    {
        var id = new StringBuilder(callId.Length);
        foreach (var c in callId)
        {
            id.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_');
        }

        return id.Length > 0 ? id.ToString() : "_";
    }

    private static JsonElement Input(FunctionCallContent call) => JsonSerializer.SerializeToElement(
        call.Arguments ?? new Dictionary<string, object?>(StringComparer.Ordinal), AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static string? Text(object? result) => result switch
    {
        null => null,
        string text => text,
        TextContent text => text.Text,
        IEnumerable<AIContent> parts => string.Join('\n', parts.OfType<TextContent>().Select(t => t.Text)),
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        JsonElement json => json.GetRawText(),
        _ => result.ToString(),
    };

    private static List<RequestTool> Tools(ChatOptions? chat, IEnumerable<RequestBlock> blocks)
    {
        var offered = (chat?.Tools ?? []).OfType<AIFunctionDeclaration>().Select(t => new RequestTool(t.Name, t.Description, Schema(t.JsonSchema))).ToList();

        // A conversation that holds calls is refused where no tool is declared, as at a turn's last round.
        return offered.Count > 0 ? offered
            : [.. blocks.Where(b => b.Type == "tool_use").Select(b => b.Name!).Distinct().Select(n => new RequestTool(n, "No longer offered.", Schema(default)))];
    }

    private static JsonElement Schema(JsonElement given)
    {
        if (given.ValueKind == JsonValueKind.Object && given.TryGetProperty("type", out _))
        {
            return given;
        }

        using var anything = JsonDocument.Parse("""{"type":"object"}""");
        return anything.RootElement.Clone();
    }

    private static ToolChoice Choice(ChatOptions? chat) => chat switch
    {
        null or { Tools: null or { Count: 0 } } or { ToolMode: NoneChatToolMode } => new ToolChoice("none"),
        { ToolMode: RequiredChatToolMode { RequiredFunctionName: { } name } } => new ToolChoice("tool", name, One(chat)),
        { ToolMode: RequiredChatToolMode } => new ToolChoice("any", DisableParallelToolUse: One(chat)),
        _ => new ToolChoice("auto", DisableParallelToolUse: One(chat)),
    };

    private static bool? One(ChatOptions chat) => chat.AllowMultipleToolCalls == false ? true : null;

    private static void AddText(List<RequestBlock> blocks, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            blocks.Add(new RequestBlock("text") { Text = text });
        }
    }

    private static void Keep(List<RequestBlock> blocks)
    {
        if (blocks is [.., var last])
        {
            blocks[^1] = last with { CacheControl = CacheControl.Ephemeral };
        }
    }
}
