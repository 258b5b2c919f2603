using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A piece of content (specification 4.1.6): exactly one of text, raw bytes, a URL or data.</summary>
internal sealed record Part : IChecked
{
    /// <summary>May be blank: a choice that is there is there.</summary>
    public string? Text { get; init; }

    /// <summary>Base64 in JSON.</summary>
    [JsonConverter(typeof(BytesConverter))]
    public byte[]? Raw { get; init; }

    public string? Url { get; init; }

    /// <summary>Any JSON value, null too; <c>Undefined</c> when the part is of another kind.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Data { get; init; }

    public JsonObject? Metadata { get; init; }

    public string? Filename { get => field; init => field = Proto.Unset(value); }

    public string? MediaType { get => field; init => field = Proto.Unset(value); }

    [JsonIgnore]
    public bool HasData => Data.ValueKind != JsonValueKind.Undefined;

    public static Part Of(string text) => new() { Text = text };

    public static Part Of(JsonElement data) => new() { Data = data, MediaType = "application/json" };

    public void Check(Checks checks, string at) =>
        checks.ExactlyOne(at, ("text", Text is not null), ("raw", Raw is not null), ("url", Url is not null), ("data", HasData));
}
