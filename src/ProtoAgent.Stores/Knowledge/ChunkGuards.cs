using System.Text;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>What is refused before it is a write. Each message can be shown to who sent it.</summary>
internal static class ChunkGuards
{
    public static void Check(NewChunk chunk)
    {
        Content(chunk.Content);
        Name(chunk.Heading, "heading", mayBeEmpty: true);
        Name(chunk.Namespace, "namespace", mayBeEmpty: true);
        Name(chunk.Domain, "domain");
        Name(chunk.SourceType, "source type");
        if (chunk.Source is { } source)
        {
            Name(source, "source");
        }
    }

    public static void Check(ChunkEdit edit)
    {
        Content(edit.Content ?? "-");
        Name(edit.Heading ?? "", "heading", mayBeEmpty: true);
        Name(edit.Namespace ?? "", "namespace", mayBeEmpty: true);
        Name(edit.Domain ?? "-", "domain");
    }

    public static void Check(Document document, IReadOnlyList<Piece> pieces)
    {
        Name(document.Source, "source");
        Name(document.Title, "title", mayBeEmpty: true);
        Name(document.Namespace, "namespace", mayBeEmpty: true);
        Name(document.Domain, "domain");
        foreach (var piece in pieces)
        {
            Content(piece.Content);
            Name(piece.Heading, "heading", mayBeEmpty: true);
        }
    }

    public static void Limit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, KnowledgeStore.MaxPage);
    }

    private static void Content(string content)
    {
        if (content.Length > KnowledgeStore.MaxContentLength || string.IsNullOrWhiteSpace(content))
        {
            throw new ArgumentException(
                $"A chunk's content has 1 to {KnowledgeStore.MaxContentLength} characters, not all of them blank; this one has {content.Length}. Longer texts are ingested as documents.", nameof(content));
        }
    }

    /// <summary>A half of a surrogate pair would be stored as U+FFFD, and two names could become one.</summary>
    private static void Name(string name, string what, bool mayBeEmpty = false)
    {
        if ((name.Length == 0 && !mayBeEmpty) || name.Length > KnowledgeStore.MaxNameLength || name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
        {
            throw new ArgumentException(
                $"A {what} has {(mayBeEmpty ? "at most" : "1 to")} {KnowledgeStore.MaxNameLength} characters, none of them a control character or half a character.", what);
        }
    }
}
