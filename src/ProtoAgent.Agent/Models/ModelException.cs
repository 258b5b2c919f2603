namespace ProtoAgent.Agent.Models;

/// <summary>The model did not answer, or not wholly.</summary>
/// <param name="code"><c>model_unreachable</c>, <c>model_rate_limited</c>, <c>model_refused</c>, <c>model_not_found</c>, <c>model_timeout</c>, <c>model_stream_cut</c>, <c>model_empty</c>, <c>model_failed</c>.</param>
/// <param name="message">Safe to show to whoever asked: names the endpoint, never the key.</param>
/// <param name="retryAfter">What the endpoint asked for.</param>
public sealed class ModelException(string code, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The same request may be answered a little later.</summary>
    public bool IsTransient { get; init; }
}
