using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>What peers answer, into the protocol's messages.</summary>
internal static class PeerAnswers
{
    private const int LongestReason = 500;

    public static T Read<T>(string peer, JsonElement json, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        try
        {
            return A2AReader.Read(json, type);
        }
        catch (A2AException e)
        {
            throw new PeerException($"The peer '{peer}' answered what is no answer of A2A. {e.Message}", isBroken: false, e);
        }
    }

    /// <summary>Throws what an <c>error</c> says, if there is one.</summary>
    public static void RefuseError(string peer, JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            var message = error.TryGetProperty("message", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : "It gave no reason.";
            var code = error.TryGetProperty("code", out var number) ? number.GetRawText() : "";
            throw new PeerException($"The peer '{peer}' refused ({code}): {(message.Length > LongestReason ? message[..LongestReason] + "…" : message)}");
        }
    }
}
