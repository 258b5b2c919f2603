namespace ProtoAgent.Agent.Models;

/// <summary>How long to wait before asking an endpoint again.</summary>
internal static class RetryPause
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(8);

    /// <summary>What the endpoint asked for; else half a second, doubled with each try. Null if asking again is no use.</summary>
    /// <param name="tries">Those that failed before this one.</param>
    public static TimeSpan? After(Exception failure, int tries) => failure switch
    {
        ModelException { IsTransient: false } => null,
        ModelException { RetryAfter: { } asked } => asked,
        ModelException or HttpRequestException or IOException => Growing(tries),
        _ => null,
    };

    /// <summary>Up to a quarter shorter, by chance: many instances that failed together must not come back together.</summary>
    private static TimeSpan Growing(int tries)
    {
        var whole = Math.Min(s_first.TotalMilliseconds * Math.Pow(2, tries), s_longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(whole * (0.75 + (Random.Shared.NextDouble() / 4)));
    }
}
