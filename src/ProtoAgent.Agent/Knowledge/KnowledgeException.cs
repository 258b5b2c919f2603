namespace ProtoAgent.Agent.Knowledge;

/// <summary>What was to be known can't be taken in. The message may be shown to who sent it.</summary>
/// <param name="code"><c>document_unreadable</c>, <c>document_unsupported</c>, <c>document_too_large</c>, <c>document_empty</c>, <c>only_reasoning</c>, <c>source_unreachable</c>, <c>source_not_found</c>, <c>ingest_busy</c>.</param>
public sealed class KnowledgeException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}
