namespace ProtoAgent.Protocols.Http;

/// <summary>An answer that is an error. The one exception whose message reaches the peer; all others are bland at the edge.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">Stable, snake_case.</param>
/// <param name="message">Says what is wrong, where, and what to do.</param>
/// <param name="field">The field of the request that is at fault; null if none is.</param>
/// <param name="retryAfter">When trying again may help.</param>
public sealed class ApiException(int status, string code, string message, string? field = null, TimeSpan? retryAfter = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Field { get; } = field;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
