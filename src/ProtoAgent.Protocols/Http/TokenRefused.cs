using System.Net;

namespace ProtoAgent.Protocols.Http;

/// <summary>Somebody came with a token that is not ours.</summary>
/// <param name="From">Null where the connection has no address.</param>
/// <param name="Path">Without the query, cut.</param>
/// <param name="Failures">Different wrong tokens from there so far.</param>
/// <param name="Wait">How long no token at all is looked at from there; zero while there were few.</param>
public sealed record TokenRefused(IPAddress? From, string Method, string Path, int Failures, TimeSpan Wait);
