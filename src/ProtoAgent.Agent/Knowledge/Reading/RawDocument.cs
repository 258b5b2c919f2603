namespace ProtoAgent.Agent.Knowledge.Reading;

/// <summary>A document as it came.</summary>
/// <param name="Source">What it is ingested again and deleted by.</param>
/// <param name="Title">Null: what it says itself, else its source.</param>
/// <param name="MediaType">Lower case, without parameters; null when nobody said.</param>
/// <param name="Address">Where a page is: relative links are relative to it.</param>
public sealed record RawDocument(string Source, ReadOnlyMemory<byte> Body, string? Title = null, string? MediaType = null, string? Charset = null, Uri? Address = null);
