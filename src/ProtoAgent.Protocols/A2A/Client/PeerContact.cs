using System.Text.Json;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>How a peer is spoken to, by its card. The card is kept for a while, and looked at anew after a failure.</summary>
internal sealed class PeerContact(PeerOptions peer, HttpClient http, TimeProvider time)
{
    private const string CardPath = "/.well-known/agent-card.json";

    private static readonly TimeSpan s_kept = TimeSpan.FromMinutes(5);

    private readonly PeerHttp _http = new(peer, http);
    private volatile Known? _known;

    public PeerOptions Peer { get; } = peer;

    /// <exception cref="PeerException">There is no card, or none of its interfaces can be used.</exception>
    public async Task<Known> GetAsync(CancellationToken cancelled)
    {
        if (_known is { } known && time.GetUtcNow() < known.Until)
        {
            return known;
        }

        var at = Peer.Url.AbsolutePath.EndsWith(".json", StringComparison.Ordinal) ? Peer.Url : new Uri(Peer.Url.AbsoluteUri.TrimEnd('/') + CardPath);
        var json = await _http.AskAsync(HttpMethod.Get, at, null, "application/json", cancelled);
        return _known = Read(json, at);
    }

    /// <summary>It may be another by now.</summary>
    public void Forget() => _known = null;

    private Known Read(JsonElement json, Uri at)
    {
        var ways = Ways(json, at, out var streams);
        var strange = new List<string>();
        foreach (var way in ways.OrderByDescending(w => w.Version.StartsWith("1.", StringComparison.Ordinal)))
        {
            if (!Uri.TryCreate(way.Url, UriKind.Absolute, out var url) || LinkOf(way, url) is not { } link)
            {
                continue;
            }

            // The token goes to the address the operator gave, and to nobody a card may name.
            if (Uri.Compare(url, Peer.Url, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
            {
                strange.Add(url.GetLeftPart(UriPartial.Authority));
                continue;
            }

            return new Known(link, streams, time.GetUtcNow() + s_kept);
        }

        throw new PeerException(strange.Count > 0
            ? $"The card of the peer '{Peer.Name}' says it is reached at {string.Join(", ", strange.Distinct())}, and it is configured at {Peer.Url.GetLeftPart(UriPartial.Authority)}. Set a2a.peers.{Peer.Name}.url to the address its card names."
            : $"The peer '{Peer.Name}' has no interface this agent speaks: JSONRPC or HTTP+JSON of A2A 1.0, or JSONRPC of 0.3. Its card names {string.Join(", ", ways.Select(w => $"{w.Binding} {w.Version}"))}.");
    }

    private List<Way> Ways(JsonElement json, Uri at, out bool streams)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("supportedInterfaces", out _))
        {
            var card = PeerAnswers.Read(Peer.Name, json, A2AJson.Default.AgentCard);
            streams = card.Capabilities.Streaming == true;
            return [.. card.SupportedInterfaces.Select(i => new Way(i.Url, i.ProtocolBinding, i.ProtocolVersion, i.Tenant))];
        }

        // A card of 0.3.
        if (json.ValueKind != JsonValueKind.Object || Text(json, "url") is not { } url)
        {
            throw new PeerException($"What lies at {at} is no agent card of A2A. Set a2a.peers.{Peer.Name}.url to the address of an agent that speaks it.");
        }

        streams = json.TryGetProperty("capabilities", out var capabilities) && capabilities.ValueKind == JsonValueKind.Object
            && capabilities.TryGetProperty("streaming", out var said) && said.ValueKind == JsonValueKind.True;
        var version = Text(json, "protocolVersion") ?? "0.3";
        var ways = new List<Way> { new(url, Text(json, "preferredTransport") ?? AgentInterface.JsonRpc, version, null) };
        if (json.TryGetProperty("additionalInterfaces", out var more) && more.ValueKind == JsonValueKind.Array)
        {
            ways.AddRange(more.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object).Select(m => new Way(Text(m, "url") ?? "", Text(m, "transport") ?? "", version, null)));
        }

        return ways;
    }

    private IPeerLink? LinkOf(Way way, Uri url) => (way.Binding, way.Version.Split('.')[0], way.Version) switch
    {
        (AgentInterface.JsonRpc, "1", _) => new JsonRpcLink(Peer.Name, url, way.Tenant, _http),
        (AgentInterface.HttpJson, "1", _) => new HttpJsonLink(Peer.Name, url, way.Tenant, _http),
        (AgentInterface.JsonRpc, "0", ['0', '.', '3', ..]) => new LegacyLink(Peer.Name, url, new PeerHttp(Peer, http) { Version = "0.3" }),
        _ => null,
    };

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Way(string Url, string Binding, string Version, string? Tenant);

    /// <param name="Streams">It tells what happens as it happens.</param>
    internal sealed record Known(IPeerLink Link, bool Streams, DateTimeOffset Until);
}
