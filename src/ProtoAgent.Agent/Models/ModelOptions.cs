namespace ProtoAgent.Agent.Models;

/// <summary>Which model answers, and how patient we are with it.</summary>
public sealed record ModelOptions
{
    /// <summary><c>openai</c> (any OpenAI-compatible endpoint) or <c>offline</c>.</summary>
    public string Provider { get; init; } = "offline";

    /// <summary>The endpoint, as OpenAI clients take it: <c>http://127.0.0.1:11434/v1</c>. Null is OpenAI's own.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The model's name at the endpoint.</summary>
    public string Name { get; init; } = "offline";

    /// <summary>Further names at the same endpoint that a request may ask for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Secret. Null where the endpoint wants none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>For one call, from the request to the last token. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tries again after the first, on 408, 429, 5xx and a refused connection, before anything was streamed. 0 to 10.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Provider} {Name} at {BaseUrl?.ToString() ?? "the provider's own endpoint"}";
}
