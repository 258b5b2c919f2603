using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A JSON Web Signature of a card (specification 4.4.7, RFC 7515).</summary>
internal sealed record AgentCardSignature
{
    /// <summary>The protected header, base64url.</summary>
    public string Protected { get => field ?? ""; init; }

    /// <summary>Base64url.</summary>
    public string Signature { get => field ?? ""; init; }

    /// <summary>The unprotected header.</summary>
    public JsonObject? Header { get; init; }
}
