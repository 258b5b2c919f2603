using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>The models this instance may use, by name. Clients are made when first used.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<IChatClient>> _clients = new(StringComparer.Ordinal);
    private readonly Func<string, IChatClient> _create;
    private readonly Lazy<HttpClient> _http;

    public ModelCatalog(ModelOptions options)
        : this(options, create: null)
    {
    }

    /// <param name="create">Makes the client of a model; for tests.</param>
    internal ModelCatalog(ModelOptions options, Func<string, IChatClient>? create)
    {
        Options = options;

        // The proxy variables (HTTPS_PROXY, NO_PROXY) are heeded as everywhere; the time is bounded by the turn.
        _http = new Lazy<HttpClient>(() => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        });
        _create = create ?? (name => options.Provider == "offline" ? new OfflineModel() : OpenAIModels.Create(options, name, _http.Value));
    }

    public ModelOptions Options { get; }

    /// <summary>The default model's name.</summary>
    public string Default => Options.Name;

    /// <summary>Every name a request may ask for, the default first.</summary>
    public IReadOnlyList<string> Names => [Options.Name, .. Options.Names.Where(n => n != Options.Name)];

    /// <param name="name">Null for the default.</param>
    public bool TryGet(string? name, [NotNullWhen(true)] out IChatClient? client, [NotNullWhen(true)] out string? model)
    {
        model = name ?? Default;
        client = null;
        if (!Names.Contains(model))
        {
            return false;
        }

        client = _clients.GetOrAdd(model, n => new Lazy<IChatClient>(() => _create(n))).Value;
        return true;
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(c => c.IsValueCreated))
        {
            client.Value.Dispose();
        }

        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }
}
