using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>
/// Endpoints on one's own machine (Ollama, llama.cpp) often leave a model's thinking in its answer, which then begins with
/// <c>&lt;think&gt;…&lt;/think&gt;</c>. It is told apart here, wherever the pieces break, and only at the very beginning: further on
/// it is what the model says.
/// </summary>
internal sealed class ThinkTagSplitter(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var tag = new ThinkTag();
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            if (!tag.IsPast)
            {
                Split(update, tag);
            }

            yield return update;
        }

        if (tag.End() is { } rest)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [rest]);
        }
    }

    private static void Split(ChatResponseUpdate update, ThinkTag tag)
    {
        var contents = new List<AIContent>(update.Contents.Count + 1);
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    contents.AddRange(tag.Add(text.Text));
                    break;
                case TextReasoningContent or FunctionCallContent:
                    // The endpoint tells thinking apart itself, or the answer is a call: what is held back is no tag.
                    AddRest();
                    contents.Add(content);
                    break;
                default:
                    contents.Add(content);
                    break;
            }
        }

        if (update.FinishReason is not null)
        {
            AddRest();
        }

        update.Contents = contents;

        void AddRest()
        {
            if (tag.End() is { } rest)
            {
                contents.Add(rest);
            }
        }
    }
}
