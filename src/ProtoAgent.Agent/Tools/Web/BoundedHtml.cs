using System.Collections.Frozen;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace ProtoAgent.Agent.Tools.Web;

/// <summary>
/// Parses a stranger's HTML without letting it cost more than a page may. Nesting makes the parser slow (each tag looks
/// down the open ones) and everything that walks the tree deep; mismatched formatting tags multiply (70 KB can become
/// twelve million elements). So the tree ends where either goes too far, and what is there by then is the page.
/// </summary>
internal static class BoundedHtml
{
    public const int MaxElements = 50_000;
    public const int MaxDepth = 256;

    /// <summary>All that reading text needs. What isn't kept can't grow, and no address of an image or a script is at hand to be asked for.</summary>
    private static readonly FrozenSet<string> s_kept = FrozenSet.Create(
        StringComparer.Ordinal,
        "href", "alt", "title", "class", "id", "name", "property", "content", "rel", "role", "itemprop", "lang", "hidden", "aria-hidden", "style", "start");

    /// <summary>The parser reopens these in each block, at most three alike: without attributes all are alike.</summary>
    private static readonly FrozenSet<string> s_formatting = FrozenSet.Create(
        StringComparer.Ordinal, "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u");

    private const string Unread = "script, style, template, noscript, iframe, object, embed, svg, canvas, audio, video, select, textarea";

    /// <returns>The document, without what isn't text; and whether it is all of it.</returns>
    public static (IHtmlDocument Document, bool Whole) Parse(string html, CancellationToken cancellationToken)
    {
        var (count, last) = (0, default(IElement));
        var options = new HtmlParserOptions
        {
            // What is in <noscript> stays text, and so is dropped as one: it would be a document inside the document.
            IsScripting = true,
            SkipComments = true,
            SkipScriptText = true,
            ShouldEmitAttribute = (ref token, name) =>
                s_kept.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name.Span) && !s_formatting.GetAlternateLookup<ReadOnlySpan<char>>().Contains(token.Name.Memory.Span),
            OnCreated = (element, _) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++count > MaxElements || Depth(last) > MaxDepth || (count % 256 == 0 && element.Owner?.All.Length > MaxElements))
                {
                    throw new TooMuchException(last?.Owner as IHtmlDocument);
                }

                last = element;
            },
        };
        try
        {
            return (Cleaned(new HtmlParser(options).ParseDocument(html)), true);
        }
        catch (TooMuchException e) when (e.Document is not null)
        {
            return (Cleaned(e.Document), false);
        }
    }

    /// <summary>Counted at the element before: the one just created isn't in the tree yet.</summary>
    private static int Depth(INode? node)
    {
        var depth = 0;
        for (; node is not null && depth <= MaxDepth; node = node.Parent)
        {
            depth++;
        }

        return depth;
    }

    private static IHtmlDocument Cleaned(IHtmlDocument document)
    {
        foreach (var element in document.QuerySelectorAll(Unread))
        {
            element.Remove();
        }

        return document;
    }

    private sealed class TooMuchException(IHtmlDocument? document) : Exception
    {
        public IHtmlDocument? Document { get; } = document;
    }
}
