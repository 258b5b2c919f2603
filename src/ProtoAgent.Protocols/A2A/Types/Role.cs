using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Who says a message (specification 4.1.5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
internal enum Role
{
    [JsonStringEnumMemberName("ROLE_UNSPECIFIED")]
    Unspecified = 0,

    /// <summary>The client.</summary>
    [JsonStringEnumMemberName("ROLE_USER")]
    User = 1,

    [JsonStringEnumMemberName("ROLE_AGENT")]
    Agent = 2,
}
