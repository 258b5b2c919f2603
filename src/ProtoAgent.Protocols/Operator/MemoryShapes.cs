using System.Text.Json.Serialization;
using ProtoAgent.Instances;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Protocols.Operator;

/// <summary>A session as the list shows it.</summary>
/// <param name="Timestamp">When its last turn ended.</param>
/// <param name="FactsThrough">The last step facts were taken from.</param>
internal record SessionShape(
    string SessionId, string Surface, string Topic, DateTimeOffset StartedAt, DateTimeOffset Timestamp, int MessageCount, long ToolCallsTotalCount, long FactsThrough)
{
    public static SessionShape Of(SessionSummary s) => new(s.SessionId, s.Surface, s.Topic, s.StartedAt, s.Timestamp, s.MessageCount, s.ToolCallsTotalCount, s.Facts?.Through ?? 0);
}

/// <summary>All that is remembered of one.</summary>
/// <param name="Messages">The last ones.</param>
internal sealed record WholeSessionShape(
    string SessionId, string Surface, string Topic, DateTimeOffset StartedAt, DateTimeOffset Timestamp, int MessageCount, long ToolCallsTotalCount, long FactsThrough,
    IReadOnlyList<SessionMessageShape> Messages, IReadOnlyList<ToolCountShape> ToolCalls, string FinalOutput)
    : SessionShape(SessionId, Surface, Topic, StartedAt, Timestamp, MessageCount, ToolCallsTotalCount, FactsThrough)
{
    public static WholeSessionShape Whole(SessionSummary s) => new(
        s.SessionId, s.Surface, s.Topic, s.StartedAt, s.Timestamp, s.MessageCount, s.ToolCallsTotalCount, s.Facts?.Through ?? 0,
        [.. s.Messages.Select(m => new SessionMessageShape(m.Role, m.Content))], [.. s.ToolCalls.Select(t => new ToolCountShape(t.Name, t.Count))], s.FinalOutput);
}

/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
internal sealed record SessionMessageShape(string Role, string Content);

internal sealed record ToolCountShape(string Name, long Count);

internal sealed record SessionShapes(IReadOnlyList<SessionShape> Items, string? Next);

/// <param name="Trust"><c>operator</c> or <c>agent</c>.</param>
internal sealed record HotShape(long Id, string Content, string Heading, string Trust, string? Source, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static HotShape Of(Chunk c) => new(c.Id, c.Content, c.Heading, KnowledgeNames.Of(c.Trust), c.Source, c.CreatedAt, c.UpdatedAt);
}

internal sealed record HotShapes(IReadOnlyList<HotShape> Items, string? Next);

/// <param name="Characters">Of all that was put before the turn.</param>
internal sealed record InjectionShape(string TurnId, string SessionId, DateTimeOffset At, int Characters, IReadOnlyList<InjectedShape> Items)
{
    public static InjectionShape Of(Injection i) => new(i.TurnId, i.SessionId, i.At, i.Characters, [.. i.Items.Select(item => new InjectedShape(item.Kind, item.Id, item.Trust))]);
}

/// <param name="Kind"><c>hot</c>, <c>hit</c> or <c>session</c>.</param>
/// <param name="Id">A chunk's number, or a session's id.</param>
internal sealed record InjectedShape(string Kind, string Id, string? Trust);

internal sealed record InjectionShapes(IReadOnlyList<InjectionShape> Items, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(SessionShapes))]
[JsonSerializable(typeof(WholeSessionShape))]
[JsonSerializable(typeof(HotShape))]
[JsonSerializable(typeof(HotShapes))]
[JsonSerializable(typeof(InjectionShapes))]
[JsonSerializable(typeof(MemoryEndpoints.HotRequest))]
[JsonSerializable(typeof(MemoryEndpoints.Harvested))]
internal sealed partial class MemoryApiJson : JsonSerializerContext;
