using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ProtoAgent.Agent.Records;

// Here the name would else be that of our own folder.
using Activity = System.Diagnostics.Activity;

/// <summary>A turn that runs. Ended once, in the method that started it or one it awaits.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct TurnSpan
{
    private readonly Activity? _span;
    private readonly TimeProvider _time;
    private readonly string _agent;
    private readonly long _started;

    internal TurnSpan(Activity? span, TimeProvider time, string agent)
    {
        (_span, _time, _agent) = (span, time, agent);
        _started = time.GetTimestamp();
    }

    /// <param name="errorType">The stable code of the failure; null if there is an answer.</param>
    public void End(long? inputTokens = null, long? outputTokens = null, string? errorType = null)
    {
        if (AgentTelemetry.InvokeAgentDuration.Enabled)
        {
            var tags = new TagList { { GenAi.AgentName, _agent } };
            tags.AddError(errorType);
            AgentTelemetry.InvokeAgentDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
        }

        _span?.SetTag(GenAi.InputTokens, inputTokens).SetTag(GenAi.OutputTokens, outputTokens);
        AgentTelemetry.Stop(_span, errorType);
    }
}

/// <summary>A model that is asked.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct ModelCallSpan
{
    private readonly Activity? _span;
    private readonly TimeProvider _time;
    private readonly string _provider;
    private readonly string _model;
    private readonly long _started;

    internal ModelCallSpan(Activity? span, TimeProvider time, string provider, string model)
    {
        (_span, _time, _provider, _model) = (span, time, provider, model);
        _started = time.GetTimestamp();
    }

    /// <param name="firstToken">From the start to the first piece of the answer.</param>
    /// <param name="responseModel">What the endpoint says answered.</param>
    /// <param name="errorType">The stable code of the failure; null if there is an answer.</param>
    public void End(
        long? inputTokens = null, long? outputTokens = null, TimeSpan? firstToken = null, string? responseModel = null, string? finishReason = null, string? errorType = null)
    {
        var tags = new TagList { { GenAi.Operation, GenAi.Chat }, { GenAi.Provider, _provider }, { GenAi.RequestModel, _model } };
        if (responseModel is not null)
        {
            tags.Add(GenAi.ResponseModel, responseModel);
        }

        Use(inputTokens, "input", tags);
        Use(outputTokens, "output", tags);
        if (firstToken is { } first)
        {
            AgentTelemetry.TimeToFirstChunk.Record(first.TotalSeconds, tags);
        }

        tags.AddError(errorType);
        AgentTelemetry.OperationDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
        if (_span is not null)
        {
            _span.SetTag(GenAi.InputTokens, inputTokens).SetTag(GenAi.OutputTokens, outputTokens).SetTag(GenAi.ResponseModel, responseModel);
            _span.SetTag(GenAi.FinishReasons, finishReason is null ? null : new[] { finishReason });
        }

        AgentTelemetry.Stop(_span, errorType);
    }

    private static void Use(long? tokens, string type, TagList tags)
    {
        if (tokens is { } count)
        {
            tags.Add(GenAi.TokenType, type);
            AgentTelemetry.TokenUsage.Record(count, tags);
        }
    }
}

/// <summary>A tool that is called.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct ToolSpan
{
    private readonly Activity? _span;
    private readonly TimeProvider _time;
    private readonly string _tool;
    private readonly long _started;

    internal ToolSpan(Activity? span, TimeProvider time, string tool)
    {
        (_span, _time, _tool) = (span, time, tool);
        _started = time.GetTimestamp();
    }

    /// <param name="errorType">The stable code of the failure; null if there is a result.</param>
    public void End(string? errorType = null)
    {
        if (AgentTelemetry.ExecuteToolDuration.Enabled)
        {
            var tags = new TagList { { GenAi.ToolName, _tool }, { GenAi.ToolType, "function" } };
            tags.AddError(errorType);
            AgentTelemetry.ExecuteToolDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
        }

        AgentTelemetry.Stop(_span, errorType);
    }
}

internal static class TagLists
{
    public static void AddError(this ref TagList tags, string? errorType)
    {
        if (errorType is not null)
        {
            tags.Add(GenAi.ErrorType, errorType);
        }
    }
}
