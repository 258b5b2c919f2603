using System.Text;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>An answer as it comes in: what was said, what was only thought, what is to be called, what it cost.</summary>
/// <param name="model">Who gives it.</param>
internal sealed class ModelAnswer(string model, ModelPrice? price)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<SignedThought> _thoughts = [];
    private readonly List<FunctionCallContent> _calls = [];
    private int _signed;
    private long? _input;
    private long? _output;

    /// <summary>Who gives it.</summary>
    public string Model => model;

    public string Text => _text.ToString();

    public int Length => _text.Length;

    public bool HasCalls => _calls.Count > 0;

    /// <summary>Whether nothing is called but what is among those.</summary>
    public bool CallsOnly(IReadOnlySet<string> tools) => HasCalls && _calls.TrueForAll(c => tools.Contains(c.Name));

    /// <summary>Null until the model has said that it is done: without it an answer is cut off, however whole it looks.</summary>
    public string? FinishReason { get; private set; }

    public TurnUsage Usage => new(_input, _output);

    /// <summary>Takes an update in and returns what is new in it: said, and thought.</summary>
    public (string Text, string Reasoning) Add(ChatResponseUpdate update)
    {
        FinishReason = update.FinishReason?.Value ?? FinishReason;
        var (added, thought) = ("", "");
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    added += text.Text;
                    break;
                case TextReasoningContent reasoning:
                    thought += reasoning.Text;
                    _reasoning.Append(reasoning.Text);
                    if (reasoning.ProtectedData is { Length: > 0 } data)
                    {
                        _thoughts.Add(new SignedThought(_reasoning.ToString(_signed, _reasoning.Length - _signed), data));
                        _signed = _reasoning.Length;
                    }

                    break;
                case FunctionCallContent call:
                    _calls.Add(call);
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
        return (added, thought);
    }

    public StepContent ToContent() => new(Text)
    {
        Model = model,
        FinishReason = HasCalls ? "tool_calls" : FinishReason,
        Reasoning = _reasoning.Length > 0 ? _reasoning.ToString() : null,
        Thoughts = HasCalls && _thoughts.Count > 0 ? _thoughts : null,
        InputTokens = _input,
        OutputTokens = _output,
        CostUsd = price is null || _input is null || _output is null ? null : price.Cost(_input.Value, _output.Value),
    };

    /// <summary>The answer and its calls, each under an id no other has.</summary>
    /// <param name="taken">Ids of earlier calls.</param>
    /// <param name="callers">The tools that whoever asked calls.</param>
    public List<NewStep> ToSteps(IReadOnlySet<string> taken, IReadOnlySet<string> callers)
    {
        var steps = new List<NewStep> { ToContent().ToStep(StepKind.Assistant) };
        var used = new HashSet<string>(taken, StringComparer.Ordinal);
        foreach (var call in _calls)
        {
            var id = !string.IsNullOrWhiteSpace(call.CallId) && used.Add(call.CallId) ? call.CallId : Fresh(used);
            steps.Add(new StepContent("") { CallId = id, Tool = call.Name, Arguments = ToolArguments.Text(call), Caller = callers.Contains(call.Name) ? true : null }.ToStep(StepKind.ToolCall));
        }

        return steps;
    }

    /// <summary>Nine letters and digits: what the pickiest provider takes.</summary>
    private static string Fresh(HashSet<string> used)
    {
        string id;
        do
        {
            id = Guid.NewGuid().ToString("N")[..9];
        }
        while (!used.Add(id));
        return id;
    }
}
