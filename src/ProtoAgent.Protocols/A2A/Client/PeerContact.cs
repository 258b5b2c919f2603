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
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("supportedInterfaces", out _))
        {
            throw new PeerException($"What lies at {at} is no agent card of A2A 1.0: it has no 'supportedInterfaces'. Set a2a.peers.{Peer.Name}.url to the address of an agent that speaks it.");
        }

        var card = PeerAnswers.Read(Peer.Name, json, A2AJson.Default.AgentCard);
        var strange = new List<string>();
        foreach (var one in card.SupportedInterfaces.Where(i => i.ProtocolVersion.StartsWith("1.", StringComparison.Ordinal)))
        {
            if (!Uri.TryCreate(one.Url, UriKind.Absolute, out var url) || one.ProtocolBinding is not (AgentInterface.JsonRpc or AgentInterface.HttpJson))
            {
                continue;
            }

            // The token goes to the address the operator gave, and to nobody a card may name.
            if (Uri.Compare(url, Peer.Url, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
            {
                strange.Add(url.GetLeftPart(UriPartial.Authority));
                continue;
            }

            IPeerLink link = one.ProtocolBinding == AgentInterface.JsonRpc ? new JsonRpcLink(Peer.Name, url, one.Tenant, _http) : new HttpJsonLink(Peer.Name, url, one.Tenant, _http);
            return new Known(link, card.Capabilities.Streaming == true, time.GetUtcNow() + s_kept);
        }

        throw new PeerException(strange.Count > 0
            ? $"The card of the peer '{Peer.Name}' says it is reached at {string.Join(", ", strange.Distinct())}, and it is configured at {Peer.Url.GetLeftPart(UriPartial.Authority)}. Set a2a.peers.{Peer.Name}.url to the address its card names."
            : $"The peer '{Peer.Name}' has no interface this agent speaks: JSONRPC or HTTP+JSON of A2A 1.0. Its card names {string.Join(", ", card.SupportedInterfaces.Select(i => $"{i.ProtocolBinding} {i.ProtocolVersion}"))}.");
    }

    /// <param name="Streams">It tells what happens as it happens.</param>
    internal sealed record Known(IPeerLink Link, bool Streams, DateTimeOffset Until);
}
