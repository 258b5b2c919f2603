using ProtoAgent.Agent.Memory;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Configuration;

/// <summary>What is remembered of conversations, and for how long.</summary>
/// <param name="SessionRetention">Of summaries, from their last turn; null keeps them.</param>
/// <param name="InjectionRetention">Of the record of what entered which turn; null keeps it.</param>
public sealed record MemorySettings(MemoryOptions Options, TimeSpan? SessionRetention, TimeSpan? InjectionRetention)
{
    internal static MemorySettings Of(Layers layers) => new(
        new MemoryOptions
        {
            Enabled = Flag(layers, "memory.enabled"),
            ExtractFacts = Flag(layers, "memory.extract_facts"),
            Model = layers.Text("memory.model"),
            SessionIdle = TimeSpan.FromMinutes(layers.Number("memory.session_idle_minutes")),
            IncognitoIdle = TimeSpan.FromMinutes(layers.Number("memory.incognito_minutes")),
            HotConfirm = Flag(layers, "memory.hot_confirm"),
            InjectTokens = (int)layers.Number("memory.inject_tokens"),
            HotTokens = (int)layers.Number("memory.hot_tokens"),
            HitTokens = (int)layers.Number("memory.hit_tokens"),
            DigestTokens = (int)layers.Number("memory.digest_tokens"),
            Hits = (int)layers.Number("memory.hits"),
            DigestSessions = (int)layers.Number("memory.digest_sessions"),
            InjectNamespaces = layers.List("memory.inject_namespaces"),
            InjectFloor = KnowledgeNames.Trust(layers.Text("memory.inject_min_trust")!)!.Value,
        },
        Days(layers.Number("memory.session_retention_days")),
        Days(layers.Number("memory.injection_retention_days")));

    private static bool Flag(Layers layers, string key) => ConfigValues.Boolean(layers.Text(key)!) == true;

    private static TimeSpan? Days(long days) => days > 0 ? TimeSpan.FromDays(days) : null;
}
