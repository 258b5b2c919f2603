namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>Who asks, as far as it matters.</summary>
/// <param name="MayApprove">May allow tool calls, and not only answer questions.</param>
/// <param name="Extensions">Activated for this request.</param>
internal sealed record Caller(bool MayApprove, IReadOnlySet<string> Extensions)
{
    public bool Uses(string extension) => Extensions.Contains(extension);
}
