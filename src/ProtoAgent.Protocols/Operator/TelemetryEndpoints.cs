using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What turns took.</summary>
internal sealed class TelemetryEndpoints(Func<TelemetryStore> store, TimeProvider time)
{
    private const int DefaultLimit = 50;
    private const int DefaultDays = 30;
    private const int MostDays = 36_500;

    public static void Map(IEndpointRouteBuilder routes, Func<TelemetryStore> store, TimeProvider time)
    {
        var endpoints = new TelemetryEndpoints(store, time);
        routes.MapGet("/api/telemetry/summary", (RequestDelegate)endpoints.SummaryAsync)
            .Describe("What turns took, in sum, by model and by day.", answer: TelemetryJson.Default.Summary)
            .With(ApiParameter.Number("days", 1, MostDays, "How far back; 30 if left out."));
        routes.MapGet("/api/telemetry/recent", (RequestDelegate)endpoints.RecentAsync)
            .Describe("What each turn took, the latest first.", answer: TelemetryJson.Default.TurnList).Pages();
    }

    private async Task SummaryAsync(HttpContext context)
    {
        var since = time.GetUtcNow().AddDays(-Number(context, "days", DefaultDays, MostDays));
        var summary = await store().SummaryAsync(since, context.RequestAborted);
        await JsonReply.WriteAsync(
            context,
            new Summary(since, Group.Of(summary.Total), [.. summary.Models.Select(Group.Of)], [.. summary.Days.Select(Group.Of)]),
            TelemetryJson.Default.Summary);
    }

    private async Task RecentAsync(HttpContext context)
    {
        TelemetryPage page;
        try
        {
            var cursor = context.Request.Query["cursor"].ToString() is { Length: > 0 } given ? given : null;
            page = await store().RecentAsync(Number(context, "limit", DefaultLimit, TelemetryStore.MaxPage), cursor, context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");
        }

        await JsonReply.WriteAsync(context, new TurnList([.. page.Items.Select(Turn.Of)], page.Next), TelemetryJson.Default.TurnList);
    }

    private static int Number(HttpContext context, string name, int otherwise, int most)
    {
        var text = context.Request.Query[name].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
            : throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{name}", $"{name} must be a whole number from 1 to {most}.", name);
    }

    private static long? Milliseconds(TimeSpan? time) => time is { } t ? (long)Math.Round(t.TotalMilliseconds) : null;

    internal sealed record Summary(DateTimeOffset Since, Group Total, IReadOnlyList<Group> Models, IReadOnlyList<Group> Days);

    /// <param name="Name">The model, the day (<c>2026-11-24</c>, UTC), or <c>total</c>.</param>
    /// <param name="CostUsd">Of the turns whose price is known; null if none's is.</param>
    internal sealed record Group(
        string Name, long Turns, long Failed, long ToolCalls, long ToolErrors, long InputTokens, long OutputTokens, double? CostUsd, Quantiles DurationMs, Quantiles FirstTokenMs)
    {
        public static Group Of(TelemetryGroup g) => new(
            g.Name, g.Turns, g.Failed, g.ToolCalls, g.ToolErrors, g.InputTokens, g.OutputTokens, g.CostUsd, Quantiles.Of(g.Duration), Quantiles.Of(g.FirstToken));
    }

    internal sealed record Quantiles(long? P50, long? P95)
    {
        public static Quantiles Of(Stores.Telemetry.Quantiles q) => new(Milliseconds(q.Median), Milliseconds(q.P95));
    }

    internal sealed record Turn(
        string TurnId, string SessionId, string Origin, string Model, string Status, string? ErrorCode, DateTimeOffset StartedAt, long DurationMs, long? FirstTokenMs,
        int Rounds, int ToolCalls, int ToolErrors, long? InputTokens, long? OutputTokens, double? CostUsd, int Fallbacks)
    {
        public static Turn Of(TurnTelemetry t) => new(
            t.TurnId, t.ThreadId, t.Origin, t.Model, t.Status, t.ErrorCode, t.StartedAt, Milliseconds(t.Duration)!.Value, Milliseconds(t.FirstToken),
            t.Rounds, t.ToolCalls, t.ToolErrors, t.InputTokens, t.OutputTokens, t.CostUsd, t.Fallbacks);
    }

    internal sealed record TurnList(IReadOnlyList<Turn> Items, string? Next);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(TelemetryEndpoints.Summary))]
[JsonSerializable(typeof(TelemetryEndpoints.TurnList))]
internal sealed partial class TelemetryJson : JsonSerializerContext;
