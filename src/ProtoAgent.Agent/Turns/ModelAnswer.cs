using System.Text;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Turns;

/// <summary>An answer as it comes in: what was said, what was only thought, what it cost.</summary>
internal sealed class ModelAnswer
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private long? _input;
    private long? _output;

    public string Text => _text.ToString();

    public int Length => _text.Length;

    public string? Reasoning => _reasoning.Length > 0 ? _reasoning.ToString() : null;

    /// <summary>Null until the model has said that it is done: without it an answer is cut off, however whole it looks.</summary>
    public string? FinishReason { get; private set; }

    public TurnUsage Usage => new(_input, _output);

    /// <summary>Takes an update in and returns the text that is new in it.</summary>
    public string Add(ChatResponseUpdate update)
    {
        FinishReason = update.FinishReason?.Value ?? FinishReason;
        var added = "";
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    added += text.Text;
                    break;
                case TextReasoningContent reasoning:
                    _reasoning.Append(reasoning.Text);
                    break;
                case UsageContent usage:
                    _input = usage.Details.InputTokenCount ?? _input;
                    _output = usage.Details.OutputTokenCount ?? _output;
                    break;
                default:
                    break;
            }
        }

        _text.Append(added);
        return added;
    }
}
