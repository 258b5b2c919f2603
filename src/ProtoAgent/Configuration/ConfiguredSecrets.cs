namespace ProtoAgent.Configuration;

/// <summary>The values that must never be written down, out of all the settings.</summary>
internal static class ConfiguredSecrets
{
    /// <summary>An MCP server's variables and headers are not all secret: <c>LANG</c> is not, and its value is everywhere.</summary>
    private static readonly string[] s_telling = ["key", "token", "secret", "pass", "auth", "cookie", "credential"];

    public static IReadOnlyList<string> Of(Settings settings)
    {
        var values = new List<string?> { settings.Model.ApiKey, settings.Auth.Token, settings.Auth.FederationToken, settings.Knowledge.Embeddings?.ApiKey };
        values.AddRange(settings.Model.Others.Values.Select(m => m.ApiKey));
        values.AddRange(settings.Peers.Peers.Select(p => p.Token));
        values.AddRange((settings.Records.Export?.Headers ?? "").Split(',').Select(h => Uri.UnescapeDataString(h[(h.IndexOf('=', StringComparison.Ordinal) + 1)..])));
        values.AddRange(settings.Agent.McpServers.SelectMany(s => s.Environment.Concat(s.Headers)).Where(v => IsTelling(v.Key)).Select(v => v.Value));

        // Of "Bearer abc" also the "abc", which is what turns up elsewhere.
        return [.. values.OfType<string>().SelectMany(v => v.Split(' ').Append(v)).Where(v => v.Length > 0 && !v.Equals("Bearer", StringComparison.OrdinalIgnoreCase)).Distinct()];
    }

    private static bool IsTelling(string name) => Array.Exists(s_telling, t => name.Contains(t, StringComparison.OrdinalIgnoreCase));
}
