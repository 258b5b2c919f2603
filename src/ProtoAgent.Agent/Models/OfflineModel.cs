using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>
/// The model of a machine with no key and no network: small, deterministic, and plain about what it is. Same thread, same
/// answer. Tokens are counted as a quarter of the characters, rounded up.
/// </summary>
internal sealed class OfflineModel : IChatClient
{
    private const string ToolCommand = "/tool ";

    /// <summary>The tool that looks up what is known. Each line of what it found begins with a number sign.</summary>
    private const string Recall = "memory_recall";

    private const int MostQuoted = 10;
    private const int LongestQuote = 500;

    private const string WhoIAm =
        "I am ProtoAgent's built-in offline model: I follow rules, I don't think. Everything around me is real: this thread is stored, and survives a restart. "
        + "To connect a real model, start the instance with PROTOAGENT_MODEL_BASE_URL and PROTOAGENT_MODEL (any OpenAI-compatible endpoint), or with OPENAI_API_KEY or ANTHROPIC_API_KEY, and PROTOAGENT_MODEL.";

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (options?.ResponseFormat is ChatResponseFormatJson)
        {
            throw new ModelException("model_refused", "The built-in offline model answers in words, not in JSON. Connect a real model (PROTOAGENT_MODEL_BASE_URL, PROTOAGENT_MODEL), or ask without a response format.");
        }

        var thread = messages.ToList();
        if (Call(thread, options) is { } call)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [call]) { FinishReason = ChatFinishReason.ToolCalls };
            yield break;
        }

        var answer = ToolAnswer(thread) ?? Answer(thread);
        foreach (var piece in Pieces(answer))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
        }

        yield return new ChatResponseUpdate(
            ChatRole.Assistant,
            [new UsageContent(new UsageDetails { InputTokenCount = Tokens(thread.Sum(m => m.Text.Length)), OutputTokenCount = Tokens(answer.Length) })])
        {
            FinishReason = ChatFinishReason.Stop,
        };
        await Task.CompletedTask;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    /// <summary>
    /// <c>/tool name {json}</c> calls that tool, so that everything around a model can be tried without one; and a question is
    /// looked up in what is known.
    /// </summary>
    private static FunctionCallContent? Call(List<ChatMessage> thread, ChatOptions? options)
    {
        if (thread is not [.., { Role: var role } last] || role != ChatRole.User || options?.Tools is not { Count: > 0 } tools)
        {
            return null;
        }

        if (!last.Text.StartsWith(ToolCommand, StringComparison.Ordinal))
        {
            return IsQuestion(last.Text) && tools.Any(t => t.Name == Recall)
                ? ToolArguments.Read("", Recall, new JsonObject { ["query"] = Quote(last.Text), ["k"] = 3 }.ToJsonString())
                : null;
        }

        var parts = last.Text[ToolCommand.Length..].Trim().Split([' ', '\n', '\t'], 2, StringSplitOptions.TrimEntries);
        return ToolArguments.Read("", parts[0], parts.Length > 1 ? parts[1] : "");
    }

    /// <summary>Null where no tool was called, or nothing is known.</summary>
    private static string? ToolAnswer(List<ChatMessage> thread)
    {
        if (thread is not [.., { Role: var role } last] || role != ChatRole.Tool || last.Contents is not [.., FunctionResultContent result])
        {
            return null;
        }

        var asked = thread.FindLast(m => m.Role == ChatRole.User)?.Text ?? "";
        return !IsQuestion(asked) ? $"The tool answered:\n{result.Result}"
            : !$"{result.Result}".Split('\n').Any(line => line.StartsWith('#')) ? null
            : $"(offline model) I can't think about it; this is what I know that may answer it:\n{result.Result}";
    }

    /// <summary>One about the thread itself is answered from the thread.</summary>
    private static bool IsQuestion(string text) => text.Contains('?', StringComparison.Ordinal) && !text.StartsWith(ToolCommand, StringComparison.Ordinal) && !AsksBack(text);

    private static string Answer(List<ChatMessage> thread) =>
        thread.FindLast(m => m.Role == ChatRole.User)?.Contents.Count(c => c is DataContent or UriContent) is > 0 and var shown
            ? $"{Heard(thread)}\n\n(I can't see or read what is attached: the offline model knows words alone. {(shown == 1 ? "It is" : $"All {shown} are")} kept in the thread.)"
            : Heard(thread);

    private static string Heard(List<ChatMessage> thread)
    {
        var said = thread.Where(m => m.Role == ChatRole.User).Select(m => m.Text).ToList();
        var last = said.Count > 0 ? said[^1] : "";
        var earlier = said.SkipLast(1).ToList();
        if (earlier.Count > 0 && AsksBack(last))
        {
            var first = Math.Max(0, earlier.Count - MostQuoted);
            var list = new StringBuilder(first > 0 ? $"Your last {MostQuoted} of {earlier.Count} messages before this one:" : "Before this, you said:");
            for (var i = first; i < earlier.Count; i++)
            {
                list.Append($"\n{i + 1}. “{Quote(earlier[i])}”");
            }

            return list.ToString();
        }

        var heard = $"You said: “{Quote(last)}”.";
        return earlier.Count == 0
            ? $"{heard} {WhoIAm}"
            : $"{heard} (offline model) This thread holds {earlier.Count} earlier {(earlier.Count == 1 ? "message" : "messages")} of yours, the first: “{Quote(earlier[0])}”. Ask “what did I say before?” to hear them.";
    }

    /// <summary>"What did I say first?", "what have I told you?", "do you remember …?".</summary>
    private static bool AsksBack(string text) =>
        text.Contains("did I say", StringComparison.OrdinalIgnoreCase)
        || text.Contains("did I tell", StringComparison.OrdinalIgnoreCase)
        || text.Contains("have I told", StringComparison.OrdinalIgnoreCase)
        || text.Contains("remember", StringComparison.OrdinalIgnoreCase)
        || text.Contains("what is my ", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string text) => text.Length > LongestQuote ? text[..LongestQuote] + "…" : text;

    /// <summary>Word by word, each with the space behind it.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var space = text.IndexOf(' ', start);
            var end = space < 0 ? text.Length : space + 1;
            yield return text[start..end];
            start = end;
        }
    }

    private static long Tokens(int characters) => (characters + 3) / 4;
}
