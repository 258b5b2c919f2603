using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.V03;

/// <summary>A card that 0.3 can read as well: its names stand beside those of 1.0, which passes over what it does not know.</summary>
internal static class LegacyCard
{
    public const string ProtocolVersion = "0.3.0";

    public static JsonObject Beside(AgentCard card)
    {
        var json = JsonSerializer.SerializeToNode(card, A2AJson.Default.AgentCard)!.AsObject();
        if (card.SupportedInterfaces.FirstOrDefault(i => i.ProtocolVersion == "0.3") is not { } own)
        {
            return json;
        }

        json["protocolVersion"] = ProtocolVersion;
        json["url"] = own.Url;
        json["preferredTransport"] = own.ProtocolBinding;
        json["supportsAuthenticatedExtendedCard"] = card.Capabilities.ExtendedAgentCard == true;
        foreach (var (_, scheme) in json["securitySchemes"] as JsonObject ?? [])
        {
            if (scheme?["httpAuthSecurityScheme"] is JsonObject http)
            {
                scheme["type"] = "http";
                scheme["scheme"] = http["scheme"]?.GetValue<string>();
            }
        }

        if (card.SecurityRequirements is { } requirements)
        {
            json["security"] = new JsonArray([.. requirements.Select(Plain)]);
        }

        return json;
    }

    private static JsonNode Plain(SecurityRequirement requirement)
    {
        var plain = new JsonObject();
        foreach (var (name, scopes) in requirement.Schemes)
        {
            plain[name] = new JsonArray([.. (scopes.List ?? []).Select(s => (JsonNode)s)]);
        }

        return plain;
    }
}
