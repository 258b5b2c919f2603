using System.Globalization;

namespace ProtoAgent.Configuration;

/// <summary>Text into values, by the key's type and bounds.</summary>
internal static class ConfigValues
{
    /// <summary>"a whole number from 0 to 65535", for messages.</summary>
    public static string Describe(ConfigKey key) => key.Type switch
    {
        ConfigType.Integer => $"a whole number from {key.Min} to {key.Max}",
        ConfigType.Decimal => $"a number from {key.Min} to {key.Max}, like 2.5",
        ConfigType.Boolean => "true or false",
        ConfigType.Url => "an http(s) address without a user name, like http://127.0.0.1:8080/v1",
        ConfigType.Choice => $"one of {string.Join(", ", key.Choices)}",
        ConfigType.List => "a list of text",
        _ => "text",
    };

    /// <summary>Null if it is a value of the key's type; else what is wrong, without the value if that is secret.</summary>
    public static string? Problem(ConfigKey key, RawValue raw)
    {
        var text = raw.Text ?? "";
        var valid = key.Type switch
        {
            ConfigType.List => true,
            _ when raw.Text is null => false,
            ConfigType.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= key.Min && n <= key.Max,
            ConfigType.Decimal => Decimal(text) is { } d && d >= key.Min && d <= key.Max,
            ConfigType.Boolean => Boolean(text) is not null,
            ConfigType.Url => Url(text) is not null,
            ConfigType.Choice => key.Choices.Contains(text),
            _ => text.Trim().Length > 0 && !text.Any(char.IsControl) && !(key.Secret && !key.AnyFile && text.Any(char.IsWhiteSpace)),
        };
        return valid ? null
            : key.Secret ? $"{raw.Origin}: '{key.Name}' is not usable: a secret is one word without spaces or line breaks."
            : key.Type == ConfigType.Url && text.Contains('@', StringComparison.Ordinal) ? $"{raw.Origin}: '{key.Name}' must be {Describe(key)}; keys and passwords belong in secrets.yaml or the environment."
            : $"{raw.Origin}: '{key.Name}' is '{raw.Text}' and must be {Describe(key)}.{(key.Type == ConfigType.Choice ? NearestName.Hint(raw.Text ?? "", key.Choices) : "")}";
    }

    public static bool? Boolean(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => null,
    };

    public static decimal? Decimal(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static Uri? Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Host.Length > 0 ? url : null;

    public static IReadOnlyList<string> List(RawValue raw) =>
        raw.Items ?? raw.Text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
