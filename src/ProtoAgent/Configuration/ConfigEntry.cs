using System.Text.Json.Serialization;

namespace ProtoAgent.Configuration;

/// <summary>Where a value came from; the later beats the earlier.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConfigLayer>))]
public enum ConfigLayer
{
    [JsonStringEnumMemberName("default")]
    Default,

    [JsonStringEnumMemberName("box")]
    Box,

    [JsonStringEnumMemberName("instance")]
    Instance,

    [JsonStringEnumMemberName("file")]
    File,

    [JsonStringEnumMemberName("environment")]
    Environment,

    [JsonStringEnumMemberName("flag")]
    Flag,
}

/// <summary>A setting's value and where it came from, for <c>config explain</c>.</summary>
/// <param name="Value">As text, masked if secret; null if unset.</param>
/// <param name="Origin">In words: file and line, the variable, the flag, <c>default</c>.</param>
public sealed record ConfigEntry(string Key, string? Value, ConfigLayer Layer, string Origin, string? Default, string Doc, bool Secret);

/// <summary>A file that was looked for.</summary>
/// <param name="Read">False: it isn't there.</param>
public sealed record ConfigFile(string Path, ConfigLayer Layer, bool Read);
