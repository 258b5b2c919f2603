namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A peer could not do what it was asked. The message may be shown to the model.</summary>
/// <param name="isBroken">Nobody knows whether it came through: the connection broke, or the peer was not there. Else it said no.</param>
internal sealed class PeerException(string message, bool isBroken = false, Exception? inner = null) : Exception(message, inner)
{
    public bool IsBroken { get; } = isBroken;
}
