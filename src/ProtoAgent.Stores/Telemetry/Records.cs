using System.Runtime.InteropServices;

namespace ProtoAgent.Stores.Telemetry;

/// <summary>What one turn took. Never what was said in it.</summary>
/// <param name="Origin">Who asked: <c>operator</c>, <c>openai</c>, <c>cli</c>, …</param>
/// <param name="Model">The one that answered, or was asked last.</param>
/// <param name="Status"><c>done</c>, <c>failed</c>, <c>cancelled</c> or <c>interrupted</c>.</param>
/// <param name="ErrorCode">Stable, snake_case; null unless there is no answer.</param>
public sealed record TurnTelemetry(
    string TurnId, string ThreadId, string Origin, string Model, string Status, string? ErrorCode, DateTimeOffset StartedAt, TimeSpan Duration)
{
    /// <summary>From the start to the first piece of an answer; null if none came.</summary>
    public TimeSpan? FirstToken { get; init; }

    /// <summary>Model calls.</summary>
    public int Rounds { get; init; }

    public int ToolCalls { get; init; }

    /// <summary>Those of them that failed.</summary>
    public int ToolErrors { get; init; }

    /// <summary>Null if the model didn't say.</summary>
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>US dollars; null if the price is not known.</summary>
    public double? CostUsd { get; init; }

    /// <summary>How often another model was asked because one failed.</summary>
    public int Fallbacks { get; init; }
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record TelemetryPage(IReadOnlyList<TurnTelemetry> Items, string? Next);

/// <param name="Models">The most used first.</param>
/// <param name="Days">UTC, <c>2026-11-24</c>, the latest first; days without a turn are left out.</param>
public sealed record TelemetrySummary(TelemetryGroup Total, IReadOnlyList<TelemetryGroup> Models, IReadOnlyList<TelemetryGroup> Days);

/// <summary>Turns taken together.</summary>
/// <param name="Name">The model, the day, or <c>total</c>.</param>
/// <param name="Failed">Ended as <c>failed</c>; not those somebody cancelled.</param>
/// <param name="CostUsd">Of those whose price is known; null if none's is.</param>
/// <param name="Duration">Of all of them.</param>
/// <param name="FirstToken">Of those that answered at all.</param>
public sealed record TelemetryGroup(
    string Name, long Turns, long Failed, long ToolCalls, long ToolErrors, long InputTokens, long OutputTokens, double? CostUsd, Quantiles Duration, Quantiles FirstToken);

/// <summary>Values that half, and 95 in 100, do not exceed: values that were measured (nearest rank), null if there is none.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Quantiles(TimeSpan? Median, TimeSpan? P95);
