using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models.Anthropic;
using ProtoAgent.Agent.Records;

namespace ProtoAgent.Agent.Models;

/// <summary>The models this instance may use, by name. Clients are made when first used, and share one pool of connections.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly Func<string, IChatClient>? _create;
    private readonly Lazy<HttpClient> _http;
    private readonly TimeProvider _time;
    private volatile Configured _now;

    /// <param name="time">Of the pauses between tries.</param>
    public ModelCatalog(ModelOptions options, TimeProvider? time = null)
        : this(options, create: null, time)
    {
    }

    /// <param name="create">Makes the client of a model; for tests.</param>
    internal ModelCatalog(ModelOptions options, Func<string, IChatClient>? create, TimeProvider? time = null)
    {
        _now = new Configured(options);
        _create = create;
        _time = time ?? TimeProvider.System;

        // The proxy variables (HTTPS_PROXY, NO_PROXY) are heeded as everywhere; the time is bounded by the turn. A redirect is
        // not followed: Anthropic's key header would go along to whatever host it names.
        _http = new Lazy<HttpClient>(() => new HttpClient(new TraceForwarding(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false }))
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        });
    }

    /// <summary>Those of the default model.</summary>
    public ModelOptions Options => _now.Options;

    /// <summary>The default model's name.</summary>
    public string Default => Options.Name;

    /// <summary>Every name a request may ask for, the default first.</summary>
    public IReadOnlyList<string> Names => _now.Names;

    /// <summary>Other models from now on. Turns under way keep those they began with.</summary>
    public void Replace(ModelOptions options) => _now = new Configured(options);

    /// <param name="name">Null for the default.</param>
    public bool TryGet(string? name, [NotNullWhen(true)] out ResolvedModel? model)
    {
        var now = _now;
        model = null;
        name ??= now.Options.Name;
        if (!now.Names.Contains(name))
        {
            return false;
        }

        model = now.Models.GetOrAdd(name, n => new Lazy<ResolvedModel>(() => Resolve(n, now.Of(n)))).Value;
        return true;
    }

    /// <summary>Whom to ask, in this order, when that model fails.</summary>
    public IReadOnlyList<string> Fallbacks(string name) => [.. Options.Fallbacks.Where(f => f != name)];

    /// <summary>Null where none is configured.</summary>
    public ModelPrice? Price(string name) => _now.Of(name).Price;

    public void Dispose()
    {
        foreach (var model in _now.Models.Values.Where(m => m.IsValueCreated))
        {
            model.Value.Client.Dispose();
        }

        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    private ResolvedModel Resolve(string name, ModelOptions options) => new(name, options, _create?.Invoke(name) ?? Create(options));

    private IChatClient Create(ModelOptions options) => options.Provider switch
    {
        "offline" => new OfflineModel(),
        "anthropic" => new AnthropicClient(options, _http.Value, _time),
        _ => OpenAIModels.Create(options, _http.Value),
    };

    /// <summary>What is configured, and the clients made of it so far.</summary>
    private sealed class Configured(ModelOptions options)
    {
        public ModelOptions Options => options;

        public IReadOnlyList<string> Names { get; } = [.. ((string[])[options.Name, .. options.Names, .. options.Others.Keys]).Distinct(StringComparer.Ordinal)];

        public ConcurrentDictionary<string, Lazy<ResolvedModel>> Models { get; } = new(StringComparer.Ordinal);

        public ModelOptions Of(string name) =>
            name == options.Name ? options
            : options.Others.TryGetValue(name, out var other) ? other

            // A further name at the default's endpoint: another model, so another price.
            : options with { Name = name, Price = null };
    }
}

/// <summary>A model a request may ask for.</summary>
/// <param name="Name">As it is asked for; what the endpoint calls it is in the options.</param>
public sealed record ResolvedModel(string Name, ModelOptions Options, IChatClient Client)
{
    public ModelPrice? Price => Options.Price;
}
