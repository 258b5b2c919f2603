using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>The agents this one may give work to, and the tool that does.</summary>
public sealed class Peers : IDisposable
{
    private readonly HttpClient _http = PeerHttp.CreateClient();
    private readonly DelegationNotes _notes;

    /// <param name="folder">Of notes about tasks that were given away.</param>
    /// <param name="maxHops">How often a piece of work may be passed on from agent to agent.</param>
    /// <param name="stopping">The instance stops.</param>
    public Peers(IReadOnlyList<PeerOptions> peers, string folder, int maxHops, EventBus events, TimeProvider time, CancellationToken stopping)
    {
        _notes = new DelegationNotes(folder, time);
        Tools = peers.Count == 0 ? [] : [new DelegateTool(new PeerServices(_notes, events, maxHops, time, stopping), [.. peers.Select(p => new PeerContact(p, _http, time))])];
    }

    /// <summary>None without peers.</summary>
    public IReadOnlyList<Tool> Tools { get; }

    /// <summary>Once the doors are open.</summary>
    public void Start() => _ = Task.Run(_notes.Prune);

    public void Dispose() => _http.Dispose();
}
