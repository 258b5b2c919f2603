using System.Diagnostics;
using System.Diagnostics.Metrics;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Agent.Records;

// Here the name would else be that of our own folder.
using Activity = System.Diagnostics.Activity;

/// <summary>
/// Spans and metrics of turns, model calls and tools, by OpenTelemetry's conventions. Nobody listens unless an export is configured or metrics were asked for;
/// then it costs a look at a flag. What is said, asked and answered is never in them.
/// </summary>
public static class AgentTelemetry
{
    /// <summary>Of the source of spans and of the meter.</summary>
    public const string Name = "ProtoAgent";

    private static readonly string? s_version = typeof(AgentTelemetry).Assembly.GetName().Version?.ToString(3);

    internal static readonly ActivitySource Source = new(Name, s_version);
    internal static readonly Meter Meter = new(Name, s_version);

    internal static readonly Histogram<double> OperationDuration = Seconds(GenAi.OperationDuration, "GenAI operation duration.", GenAi.OperationSeconds);
    internal static readonly Histogram<double> TimeToFirstChunk = Seconds(GenAi.TimeToFirstChunk, "Time to the first piece of a streamed answer.", GenAi.OperationSeconds);
    internal static readonly Histogram<double> InvokeAgentDuration = Seconds(GenAi.InvokeAgentDuration, "Duration of a turn.", GenAi.TurnSeconds);
    internal static readonly Histogram<double> ExecuteToolDuration = Seconds(GenAi.ExecuteToolDuration, "Duration of a tool's call.", GenAi.OperationSeconds);
    internal static readonly Histogram<long> TokenUsage = Meter.CreateHistogram(
        GenAi.TokenUsage, "{token}", "Number of input and output tokens used.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = GenAi.Tokens });

    private static readonly Histogram<double> s_turnDuration = Seconds("protoagent.turn.duration", "Duration of a turn, by who asked and how it ended.", GenAi.TurnSeconds);
    private static readonly Counter<long> s_toolCalls = Meter.CreateCounter<long>("protoagent.tool.calls", "{call}", "Calls of tools, by how they ended.");
    private static readonly Counter<long> s_approvals = Meter.CreateCounter<long>("protoagent.approvals", "{approval}", "Decisions of people about calls.");
    private static readonly Counter<double> s_cost = Meter.CreateCounter<double>("protoagent.turn.cost", "USD", "What turns cost, where the price is known.");
    private static readonly Counter<long> s_fallbacks = Meter.CreateCounter<long>("protoagent.model.fallbacks", "{fallback}", "How often another model was asked because one failed.");

    /// <param name="agentName">Of the agent, or of the subagent.</param>
    /// <param name="agentId">The instance; null if it has no id.</param>
    /// <param name="provider"><c>openai</c>, <c>anthropic</c>, <c>offline</c>.</param>
    /// <param name="parent">What it is part of; null for what runs.</param>
    public static TurnSpan StartTurn(
        string agentName, string? agentId, string provider, string model, string threadId, TimeProvider time, TraceContext? parent = null)
    {
        var span = !Source.HasListeners() ? null : Start(
            $"{GenAi.InvokeAgent} {agentName}",
            ActivityKind.Internal,
            parent?.ToContext() ?? default,
            new(GenAi.Operation, GenAi.InvokeAgent), new(GenAi.Provider, provider), new(GenAi.AgentName, agentName), new(GenAi.AgentId, agentId),
            new(GenAi.RequestModel, model), new(GenAi.Conversation, threadId));
        return new TurnSpan(span, time, agentName);
    }

    /// <param name="endpoint">Where the model is asked, if it isn't the provider's own.</param>
    public static ModelCallSpan StartModelCall(string provider, string model, string threadId, Uri? endpoint, TimeProvider time)
    {
        var span = !Source.HasListeners() ? null : Start(
            $"{GenAi.Chat} {model}",
            ActivityKind.Client,
            default,
            new(GenAi.Operation, GenAi.Chat), new(GenAi.Provider, provider), new(GenAi.RequestModel, model), new(GenAi.Conversation, threadId),
            new(GenAi.ServerAddress, endpoint?.Host), new(GenAi.ServerPort, endpoint?.Port));
        return new ModelCallSpan(span, time, provider, model);
    }

    /// <param name="tool">The name of a tool there is: what a model makes up would be a new time series each time.</param>
    public static ToolSpan StartTool(string tool, string callId, string threadId, TimeProvider time)
    {
        var span = !Source.HasListeners() ? null : Start(
            $"{GenAi.ExecuteTool} {tool}",
            ActivityKind.Internal,
            default,
            new(GenAi.Operation, GenAi.ExecuteTool), new(GenAi.ToolName, tool), new(GenAi.ToolCallId, callId), new(GenAi.ToolType, "function"),
            new(GenAi.Conversation, threadId));
        return new ToolSpan(span, time, tool);
    }

    internal static void Count(TurnTelemetry turn)
    {
        s_turnDuration.Record(turn.Duration.TotalSeconds, new("origin", turn.Origin), new("status", turn.Status), new(GenAi.RequestModel, turn.Model));
        if (turn.CostUsd is > 0 and var cost)
        {
            s_cost.Add(cost, new KeyValuePair<string, object?>(GenAi.RequestModel, turn.Model));
        }

        if (turn.Fallbacks > 0)
        {
            s_fallbacks.Add(turn.Fallbacks);
        }
    }

    internal static void Count(ToolRecord call) => s_toolCalls.Add(1, new(GenAi.ToolName, call.IsOffered ? call.Tool : "_OTHER"), new("status", ToolRecord.NameOf(call.Status)));

    internal static void Count(ApprovalRecord approval) => s_approvals.Add(1, new(GenAi.ToolName, approval.Tool), new("decision", approval.Decision));

    /// <summary>As the conventions have it: the description of an error is its stable code, never its message.</summary>
    internal static void Stop(Activity? span, string? errorType)
    {
        if (span is null)
        {
            return;
        }

        if (errorType is not null)
        {
            span.SetTag(GenAi.ErrorType, errorType);
            span.SetStatus(ActivityStatusCode.Error, errorType);
        }

        span.Dispose();
    }

    /// <summary>What is null is left out. Null if nobody listens, or this one is not wanted.</summary>
    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var given = new List<KeyValuePair<string, object?>>(tags.Length);
        foreach (var tag in tags)
        {
            if (tag.Value is not null)
            {
                given.Add(tag);
            }
        }

        // With them from its beginning: a sampler decides by them. Without a parent below the span that is current, if there is one.
        return Source.StartActivity(kind, parent, given, name: name);
    }

    private static Histogram<double> Seconds(string name, string description, double[] boundaries) =>
        Meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
