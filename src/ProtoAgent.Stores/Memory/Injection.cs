using System.Text.Json.Serialization;

namespace ProtoAgent.Stores.Memory;

/// <summary>What of the memory entered a turn. Names what it was, not what it said: a record of texts would be a second memory, and outlive what is deleted from the first.</summary>
/// <param name="Characters">Of the whole envelope.</param>
public sealed record Injection(string TurnId, string SessionId, DateTimeOffset At, int Characters, IReadOnlyList<InjectedItem> Items);

/// <param name="Kind"><c>hot</c> or <c>hit</c> (a chunk of the knowledge), <c>session</c> (a line of the digest).</param>
/// <param name="Id">The chunk's number, or the session's id.</param>
/// <param name="Trust">Of a chunk: <c>operator</c>, <c>agent</c> or <c>external</c>.</param>
public sealed record InjectedItem(string Kind, string Id, string? Trust = null);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record InjectionPage(IReadOnlyList<Injection> Items, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<InjectedItem>))]
internal sealed partial class InjectionJson : JsonSerializerContext;
