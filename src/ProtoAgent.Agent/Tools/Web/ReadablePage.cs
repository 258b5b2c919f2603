using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using SmartReader;

namespace ProtoAgent.Agent.Tools.Web;

/// <summary>What a person would read of an HTML page.</summary>
/// <param name="Title">One line; null when the page has none.</param>
/// <param name="Byline">One line; null when nobody signed it.</param>
/// <param name="Text">Markdown: the article when there is one, else all but navigation.</param>
/// <param name="Whole">False when the markup was too much and the text is only that of its beginning.</param>
public sealed record ReadablePage(string? Title, string? Byline, string Text, bool Whole)
{
    /// <summary>Finding the article takes time that grows with the square of the page: half a second for this many elements.</summary>
    private const int LargestArticlePage = 10_000;

    /// <summary>A shorter article is a teaser or a cookie notice; then the page as it is says more.</summary>
    private const int ShortestArticle = 250;

    private const int LongestLine = 300;

    /// <summary>A large page takes a hundred megabytes for a second or two: one at a time.</summary>
    private static readonly SemaphoreSlim s_reading = new(1, 1);

    /// <param name="address">Where the page is: relative links are relative to it.</param>
    public static async Task<ReadablePage> ReadAsync(string html, Uri address, CancellationToken cancellationToken)
    {
        await s_reading.WaitAsync(cancellationToken);
        try
        {
            return Read(html, address, cancellationToken);
        }
        finally
        {
            s_reading.Release();
        }
    }

    private static ReadablePage Read(string html, Uri address, CancellationToken cancellationToken)
    {
        var (document, whole) = BoundedHtml.Parse(html, cancellationToken);
        using (document)
        {
            address = document.QuerySelector("base[href]")?.GetAttribute("href") is { } href && Uri.TryCreate(address, href, out var stated) && stated.Scheme is "http" or "https" ? stated : address;
            var title = OneLine(document.Title);
            if (document.All.Length > LargestArticlePage)
            {
                return new ReadablePage(title, null, Everything(document, address), whole);
            }

            if (Article(document, address, cancellationToken) is { } article)
            {
                return article with { Title = article.Title ?? title, Whole = whole };
            }
        }

        // Looking for the article took the document apart.
        (document, whole) = BoundedHtml.Parse(html, cancellationToken);
        using (document)
        {
            return new ReadablePage(OneLine(document.Title), null, Everything(document, address), whole);
        }
    }

    private static ReadablePage? Article(IHtmlDocument document, Uri address, CancellationToken cancellationToken)
    {
        IElement? found = null;
        using var reader = new Reader(address.AbsoluteUri, document) { ContinueIfNotReadable = false, DisableJSONLD = true };
        reader.AddCustomOperationEnd(element => found = element);
        var article = reader.GetArticle();
        cancellationToken.ThrowIfCancellationRequested();
        if (found is null || article.Errors.Count > 0)
        {
            return null;
        }

        var text = MarkdownWriter.Write(found, address);
        return text.Length < ShortestArticle ? null : new ReadablePage(OneLine(article.Title), OneLine(article.Byline), text, Whole: true);
    }

    /// <summary>All there is to read, without navigation unless that is all there is.</summary>
    private static string Everything(IHtmlDocument document, Uri address)
    {
        INode root = document.QuerySelectorAll("main, [role=main]") is { Length: 1 } main ? main[0] : document.Body ?? (INode)document;
        return MarkdownWriter.Write(root, address, IsAround) is { Length: >= ShortestArticle } text ? text : MarkdownWriter.Write(document.Body ?? (INode)document, address);
    }

    private static bool IsAround(IElement element) => element.LocalName is "nav" or "footer" or "aside" || element.GetAttribute("role") is "navigation" or "contentinfo";

    private static string? OneLine(string? text)
    {
        var line = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? null : line.Length > LongestLine ? line[..LongestLine] + "…" : line;
    }
}
