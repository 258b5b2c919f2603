using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Reading;

/// <summary>A document as it is kept.</summary>
/// <param name="Type"><c>text</c>, <c>markdown</c>, <c>html</c>, <c>pdf</c>, <c>csv</c> or <c>json</c>.</param>
internal sealed record ReadDocument(string Title, string Type, IReadOnlyList<Piece> Pieces);
