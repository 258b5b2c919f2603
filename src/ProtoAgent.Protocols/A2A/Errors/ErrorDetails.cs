using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Errors;

/// <summary>What stands beside an error's message: objects that say their type (specification 9.5, 11.6).</summary>
internal static class ErrorDetails
{
    private const string Domain = "a2a-protocol.org";
    private const string Types = "type.googleapis.com/google.rpc.";

    /// <summary>Null when there is nothing to add.</summary>
    public static JsonArray? Of(A2AException error)
    {
        var details = new JsonArray();
        if (error.Kind.Reason is { } reason)
        {
            var info = new JsonObject { ["@type"] = Types + "ErrorInfo", ["reason"] = reason, ["domain"] = Domain };
            if (error.Metadata.Count > 0)
            {
                info["metadata"] = new JsonObject(error.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
            }

            details.Add((JsonNode)info);
        }

        if (error.Violations.Count > 0)
        {
            details.Add((JsonNode)new JsonObject
            {
                ["@type"] = Types + "BadRequest",
                ["fieldViolations"] = new JsonArray([.. error.Violations.Select(v => new JsonObject { ["field"] = v.Field, ["description"] = v.Description })]),
            });
        }

        return details.Count > 0 ? details : null;
    }

    /// <summary>Whatever went wrong, as a peer may know it. Null for what only the log may know.</summary>
    public static A2AException? Known(Exception e) => e switch
    {
        A2AException known => known,
        Agent.Turns.TurnRejectedException { Code: "shutting_down" } stopping => new A2AException(ErrorKind.Unavailable, stopping.Message),
        Agent.Turns.TurnRejectedException refused => new A2AException(ErrorKind.UnsupportedOperation, refused.Message),
        Stores.StoreException store => new A2AException(ErrorKind.Unavailable, $"The store '{store.Store}' is unavailable: {store.Message}"),
        _ => null,
    };
}
