using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What <c>SendMessage</c> and <c>SendStreamingMessage</c> take (specification 3.2.1).</summary>
internal sealed record SendMessageRequest : IChecked
{
    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    /// <summary>Required.</summary>
    public Message? Message { get; init; }

    public SendMessageConfiguration? Configuration { get; init; }

    public JsonObject? Metadata { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required(at, "message", Message);
        Configuration?.Check(checks, $"{at}configuration.");
    }
}
