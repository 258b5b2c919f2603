namespace ProtoAgent.Agent.Network;

/// <summary>An address was refused, or did not answer as it should. The message may be shown to a model or a peer: it names the host and no private address.</summary>
public sealed class NetworkException(string message, Exception? inner = null) : Exception(message, inner);
