using ProtoAgent.Agent.Tools.Web;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Reading;

/// <summary>Bytes of some kind into titled pieces of text.</summary>
internal static class DocumentReader
{
    /// <summary>A document of more is a data set.</summary>
    private const int MostPieces = 20_000;

    private static readonly Uri s_nowhere = new("http://localhost/");

    /// <summary>Names of files that are worth trying.</summary>
    public static bool IsKnown(string name) => KindOf(name) is not null;

    /// <exception cref="KnowledgeException">It can't be read; the message says why.</exception>
    public static async Task<ReadDocument> ReadAsync(RawDocument raw, CancellationToken cancellationToken)
    {
        var kind = Kind(raw);
        var document = kind == "pdf" ? PdfReader.Read(raw.Body, cancellationToken) : await TextAsync(raw, kind, cancellationToken);
        var pieces = document.Pieces.Select(p => new Piece(MarkdownChunker.Short(Line(p.Heading)), Reasoning.Strip(WebText.Visible(p.Content), ofModel: false).Trim()))
            .Where(p => p.Content.Length > 0).ToList();
        return pieces.Count switch
        {
            0 => throw new KnowledgeException("document_empty", $"There is no text in {raw.Source}. Nothing was taken in."),
            > MostPieces => throw new KnowledgeException("document_too_large", $"{raw.Source} makes {pieces.Count} pieces, and a document has at most {MostPieces}. Split it."),
            _ => document with { Title = Title(raw.Title) ?? Title(document.Title) ?? MarkdownChunker.Short(raw.Source), Pieces = pieces },
        };
    }

    private static async Task<ReadDocument> TextAsync(RawDocument raw, string kind, CancellationToken cancellationToken)
    {
        var text = WebText.Decode(raw.Body.Span, raw.Charset).ReplaceLineEndings("\n");
        switch (kind)
        {
            case "html":
                var page = await ReadablePage.ReadAsync(text, raw.Address ?? s_nowhere, cancellationToken);
                return new ReadDocument(page.Title ?? "", kind, Titled(page.Title, MarkdownChunker.Split(page.Text)));
            case "markdown":
                var title = MarkdownChunker.Title(text);
                return new ReadDocument(title ?? "", kind, MarkdownChunker.Split(text));
            case "csv":
                return new ReadDocument("", kind, Rows(text));
            default:
                return new ReadDocument("", kind, [.. TextChunker.Split(text).Select(p => new Piece(raw.Title ?? "", p))]);
        }
    }

    /// <summary>A page's pieces that stand under no heading stand under its title.</summary>
    private static Piece[] Titled(string? title, IReadOnlyList<Piece> pieces) =>
        [.. pieces.Select(p => p.Heading.Length > 0 || title is null ? p : new Piece(MarkdownChunker.Short(title), p.Content))];

    /// <summary>The line of names goes before each piece: a row means nothing without it.</summary>
    private static List<Piece> Rows(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (pieces, piece) = (new List<Piece>(), "");
        foreach (var line in lines.Skip(1).DefaultIfEmpty(""))
        {
            if (piece.Length > 0 && piece.Length + line.Length > TextChunker.Longest)
            {
                Add();
            }

            piece += (piece.Length > 0 ? "\n" : "") + line;
        }

        Add();
        return pieces;

        void Add()
        {
            var head = lines.Length > 0 ? lines[0][..Math.Min(lines[0].Length, TextChunker.Longest)] : "";
            pieces.AddRange(piece.Length <= TextChunker.Longest * 2 ? [new Piece("", $"{head}\n{piece}")] : TextChunker.Split(piece).Select(p => new Piece("", $"{head}\n{p}")));
            piece = "";
        }
    }

    private static string Kind(RawDocument raw)
    {
        var body = raw.Body.Span;
        if (body.StartsWith("%PDF-"u8))
        {
            return "pdf";
        }

        var kind = raw.MediaType switch
        {
            "text/html" or "application/xhtml+xml" => "html",
            "text/markdown" => "markdown",
            "text/csv" or "text/tab-separated-values" => "csv",
            "application/json" => "json",
            "application/pdf" => throw new KnowledgeException("document_unreadable", $"{raw.Source} says that it is a PDF and is none. Nothing was taken in."),
            _ => KindOf(raw.Address?.AbsolutePath ?? raw.Source) ?? "text",
        };
        return body.Contains((byte)0) && !(body is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            ? throw new KnowledgeException(
                "document_unsupported", $"{raw.Source} is not text{(raw.MediaType is { } type ? $" ({type})" : "")}. What can be taken in: text, Markdown, HTML, PDF, CSV and JSON.")
            : kind == "text" && WebText.Start(System.Text.Encoding.Latin1.GetString(body[..Math.Min(200, body.Length)]).TrimStart(), 15) is var start
                && (start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)) ? "html"
            : kind;
    }

    private static string? KindOf(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".md" or ".markdown" or ".mdx" => "markdown",
        ".html" or ".htm" or ".xhtml" => "html",
        ".pdf" => "pdf",
        ".csv" or ".tsv" => "csv",
        ".json" or ".jsonl" or ".ndjson" => "json",
        ".txt" or ".text" or ".log" or ".rst" or ".adoc" or ".org" or ".xml" or ".yaml" or ".yml" or ".toml" => "text",
        _ => null,
    };

    private static string? Title(string? given) => Line(given ?? "") is { Length: > 0 } line ? MarkdownChunker.Short(line) : null;

    private static string Line(string text) => string.Join(' ', WebText.Visible(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
