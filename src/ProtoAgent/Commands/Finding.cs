using System.Text.Json.Serialization;

namespace ProtoAgent.Commands;

[JsonConverter(typeof(JsonStringEnumConverter<FindingStatus>))]
internal enum FindingStatus
{
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It runs, but not as it should.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn,

    /// <summary>It would be refused, or lose something.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>One answer of <c>doctor</c>.</summary>
internal sealed record Finding(string Check, FindingStatus Status, string Message, string? Remedy = null)
{
    public static Finding Ok(string check, string message) => new(check, FindingStatus.Ok, message);
}
