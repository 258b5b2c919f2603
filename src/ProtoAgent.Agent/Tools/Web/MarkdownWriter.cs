using System.Text;
using AngleSharp.Dom;

namespace ProtoAgent.Agent.Tools.Web;

/// <summary>
/// Writes what a person would read of a document: headings, paragraphs, lists, links, quotes, code and tables as Markdown,
/// everything else as its text. The tree is no deeper than <see cref="BoundedHtml.MaxDepth"/>.
/// </summary>
/// <param name="address">What relative links are relative to.</param>
/// <param name="skip">Elements to leave out with all that is in them.</param>
internal sealed class MarkdownWriter(Uri address, Func<IElement, bool>? skip = null)
{
    /// <summary>A longer link says nothing a reader could use; it is a tracker or data.</summary>
    private const int LongestLink = 500;

    /// <summary>Deeper lists and quotes are not indented further.</summary>
    private const int LongestIndent = 24;

    private readonly StringBuilder _text = new();

    /// <summary>Stands before every line of what is open.</summary>
    private string _indent = "";

    /// <summary>A list item's mark with what stands before it, until there is text to mark.</summary>
    private string? _lead;

    private int _breaks;
    private bool _space;

    /// <summary>Of the next item of the innermost ordered list.</summary>
    private int _number;

    /// <summary>In a heading, a link or a cell: all is one line.</summary>
    private int _inline;

    public static string Write(INode node, Uri address, Func<IElement, bool>? skip = null)
    {
        var writer = new MarkdownWriter(address, skip);
        writer.Visit(node);
        return writer._text.ToString();
    }

    private void Visit(INode node)
    {
        switch (node)
        {
            case IText text:
                Flow(text.Data);
                break;
            case IElement element when !IsHidden(element) && skip?.Invoke(element) != true:
                Element(element);
                break;
            case IDocument or IDocumentFragment:
                Children(node);
                break;
        }
    }

    private void Children(INode node)
    {
        for (var child = node.FirstChild; child is not null; child = child.NextSibling)
        {
            Visit(child);
        }
    }

    private void Element(IElement element)
    {
        switch (element.LocalName)
        {
            case "head" or "input" or "button":
                break;
            case "h1" or "h2" or "h3" or "h4" or "h5" or "h6":
                Heading(element);
                break;
            case "a":
                Link(element);
                break;
            case "br":
                Break(Math.Min(2, _breaks + 1));
                break;
            case "hr":
                Break(2);
                Raw("---");
                Break(2);
                break;
            case "img":
                Flow(element.GetAttribute("alt") is { Length: > 0 } alt ? $"[image: {alt}]" : "");
                break;
            case "code" or "kbd" or "samp" when element.TextContent.Trim() is { Length: > 0 } code && !code.Contains('`'):
                Flow($"`{code}`");
                break;
            case "pre" when _inline == 0:
                Code(element);
                break;
            case "li":
                Item(element);
                break;
            case "blockquote":
                Break(2);
                Indented("> ", element);
                Break(2);
                break;
            case "tr":
                Row(element);
                break;
            case "ol":
                var number = _number;
                _number = int.TryParse(element.GetAttribute("start"), out var start) ? start : 1;
                Block(element);
                _number = number;
                break;
            case "dd":
                Break(1);
                Indented("  ", element);
                Break(1);
                break;
            default:
                Block(element);
                break;
        }
    }

    private void Block(IElement element)
    {
        // What is in a list item goes on without a gap.
        var gap = Math.Min(Gap(element), element.ParentElement?.LocalName == "li" ? 1 : 2);
        Break(gap);
        Children(element);
        Break(gap);
    }

    private void Heading(IElement element)
    {
        Break(2);
        if (_inline > 0)
        {
            Children(element);
        }
        else if (Line(element) is { Length: > 0 } line)
        {
            Raw($"{new string('#', element.LocalName[1] - '0')} {line}");
        }

        Break(2);
    }

    private void Link(IElement element)
    {
        var text = Line(element);
        if (text.Length == 0)
        {
            return;
        }

        // What stands before and after decides about spaces, not the link's own.
        var content = element.TextContent;
        Flow(IsSpace(content.FirstOrDefault()) ? " " : "");
        Raw(Target(element) is { } target ? $"[{text}]({target})" : text);
        Flow(IsSpace(content.LastOrDefault()) ? " " : "");
    }

    /// <summary>Null where a link leads nowhere a reader could follow.</summary>
    private string? Target(IElement element) =>
        element.GetAttribute("href")?.Trim() is [not '#', ..] href && Uri.TryCreate(address, href, out var url)
        && url.Scheme is "http" or "https" or "mailto" && url.AbsoluteUri is { Length: <= LongestLink } target && !IsOnThisPage(url)
            ? target
            : null;

    private bool IsOnThisPage(Uri url) => url.Fragment.Length > 0 && url.GetLeftPart(UriPartial.Query) == address.GetLeftPart(UriPartial.Query);

    private void Code(IElement element)
    {
        var code = element.TextContent.Replace("\r", "", StringComparison.Ordinal).Trim('\n').TrimEnd();
        if (code.Length == 0)
        {
            return;
        }

        var fence = code.Contains("```", StringComparison.Ordinal) ? "````" : "```";
        Break(2);
        Raw(fence);
        foreach (var line in code.Split('\n'))
        {
            _text.Append('\n').Append(_indent).Append(line);
        }

        _text.Append('\n').Append(_indent).Append(fence);
        Break(2);
    }

    private void Item(IElement element)
    {
        var mark = element.ParentElement?.LocalName == "ol" ? $"{_number++}. " : "- ";
        Break(1);
        var before = (_lead, _indent);
        _lead = (_lead ?? _indent) + mark;
        Indented(new string(' ', mark.Length), element);

        // Nothing was in it: no mark for nothing.
        _lead = _lead is null ? null : before._lead;
        Break(1);
    }

    private void Row(IElement element)
    {
        var cells = element.Children.Where(c => c.LocalName is "td" or "th").ToList();

        // One cell, or a table in a cell: the table is there for the looks.
        if (_inline == 0 && (cells.Count < 2 || cells.Exists(c => c.QuerySelector("table, h1, h2, h3") is not null)))
        {
            foreach (var cell in cells)
            {
                Break(1);
                Children(cell);
                Break(1);
            }

            return;
        }

        var texts = cells.ConvertAll(c => Line(c).Replace("|", "\\|", StringComparison.Ordinal));
        if (texts.TrueForAll(t => t.Length == 0))
        {
            return;
        }

        Break(1);
        Raw($"| {string.Join(" | ", texts)} |");
        if (_inline == 0 && cells.TrueForAll(c => c.LocalName == "th"))
        {
            Break(1);
            Raw($"|{string.Concat(Enumerable.Repeat(" --- |", cells.Count))}");
        }

        Break(1);
    }

    private void Indented(string by, IElement element)
    {
        var before = _indent;
        _indent = before.Length < LongestIndent ? before + by : before;
        Children(element);
        _indent = before;
    }

    /// <summary>All of an element in one line.</summary>
    private string Line(IElement element)
    {
        var line = new MarkdownWriter(address, skip) { _inline = _inline + 1 };
        line.Children(element);
        return line._text.ToString();
    }

    /// <summary>Text as a browser flows it: any run of white space is one space.</summary>
    private void Flow(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && !IsSpace(text[at]))
            {
                at++;
            }

            if (at > start)
            {
                Raw(text.AsSpan(start, at - start));
            }

            for (; at < text.Length && IsSpace(text[at]); at++)
            {
                _space = true;
            }
        }
    }

    /// <summary>Text as it is, after the breaks and the space that are due.</summary>
    private void Raw(ReadOnlySpan<char> text)
    {
        if (_text.Length == 0 || _breaks > 0)
        {
            for (; _text.Length > 0 && _breaks > 1; _breaks--)
            {
                _text.Append('\n').Append(_indent.AsSpan().TrimEnd());
            }

            _text.Append(_text.Length > 0 ? "\n" : "").Append(_lead ?? _indent);
        }
        else if (_space)
        {
            _text.Append(' ');
        }

        (_breaks, _space, _lead) = (0, false, null);
        _text.Append(text);
    }

    private void Break(int lines)
    {
        if (lines > 0)
        {
            _space = _inline > 0;
            _breaks = _inline > 0 ? 0 : _lead is null ? Math.Max(_breaks, lines) : _breaks;
        }
    }

    /// <summary>How many line ends stand around an element.</summary>
    private static int Gap(IElement element) => element.LocalName switch
    {
        "p" or "ul" or "ol" or "dl" or "table" or "figure" or "div" or "section" or "article" or "main" or "header" or "footer" or "nav" or "aside" => 2,
        "address" or "body" or "center" or "form" or "fieldset" or "details" or "dialog" or "hgroup" or "menu" => 2,
        "dt" or "caption" or "figcaption" or "summary" or "option" or "legend" => 1,
        _ => 0,
    };

    private static bool IsHidden(IElement element) =>
        element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true"
        || (element.GetAttribute("style") is { } style && style.Replace(" ", "", StringComparison.Ordinal) is var plain
            && (plain.Contains("display:none", StringComparison.OrdinalIgnoreCase) || plain.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase)));

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c == '\u200B';
}
