using ProtoAgent.Protocols.A2A.Client;

namespace ProtoAgent.Configuration;

/// <param name="Peers">Agents work may be given to.</param>
/// <param name="MaxHops">How often a piece of work may be passed on.</param>
public sealed record PeerSettings(IReadOnlyList<PeerOptions> Peers, int MaxHops)
{
    private const string Group = "a2a.peers";

    /// <summary>What single values can't show.</summary>
    internal static void Refuse(Layers layers)
    {
        foreach (var name in layers.Names(Group).Where(n => layers[$"{Group}.{n}.url"] is not { IsNull: false }))
        {
            layers.Problems.Add($"{Group}.{name} lacks 'url'. A peer has an address, like http://127.0.0.1:7872.");
        }
    }

    internal static PeerSettings Of(Layers layers) => new([.. layers.Names(Group).Select(n => Peer(layers, n))], (int)layers.Number("a2a.max_hops"));

    private static PeerOptions Peer(Layers layers, string name)
    {
        var options = new PeerOptions(name, ConfigValues.Url(layers.Text($"{Group}.{name}.url")!)!)
        {
            Token = layers.Text($"{Group}.{name}.token"), Description = layers.Text($"{Group}.{name}.description"),
        };
        return layers.Text($"{Group}.{name}.timeout_seconds") is null ? options : options with { Timeout = TimeSpan.FromSeconds(layers.Number($"{Group}.{name}.timeout_seconds")) };
    }
}
