namespace ProtoAgent.Agent.Models;

/// <summary>Which model answers, and how patient we are with it.</summary>
public sealed record ModelOptions
{
    /// <summary><c>openai</c> (any OpenAI-compatible endpoint), <c>anthropic</c> (its Messages API) or <c>offline</c>.</summary>
    public string Provider { get; init; } = "offline";

    /// <summary>The endpoint, as its clients take it: <c>http://127.0.0.1:11434/v1</c>. Null is the provider's own.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The model's name at the endpoint.</summary>
    public string Name { get; init; } = "offline";

    /// <summary>Further names at the same endpoint that a request may ask for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Further models, each with an endpoint of its own, by the name a request asks for.</summary>
    public IReadOnlyDictionary<string, ModelOptions> Others { get; init; } = new Dictionary<string, ModelOptions>(StringComparer.Ordinal);

    /// <summary>Names to ask instead, in this order, when the default fails.</summary>
    public IReadOnlyList<string> Fallbacks { get; init; } = [];

    /// <summary>Secret. Null where the endpoint wants none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>For one call, from the request to the last token. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tries again after the first, on 408, 429, 5xx and a failed connection, before anything was streamed. 0 to 10.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The longest answer, where the request names none. Null leaves it to the endpoint; Anthropic's must be told, and gets 8,192.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Null if it is not known.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>The group of settings these are: <c>model</c>, or <c>models.fast</c> of a named one. For messages that say what to set.</summary>
    public string Group { get; init; } = "model";

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Provider} {Name} at {Endpoint}";

    internal string Endpoint => BaseUrl?.ToString() ?? (Provider == "anthropic" ? "api.anthropic.com" : "api.openai.com");
}
