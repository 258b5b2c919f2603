using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>Markdown by its headings: each piece knows the headings it stands under, and a # in a code block is none.</summary>
internal static class MarkdownChunker
{
    private const int DeepestSplit = 4;
    private const string Under = " › ";

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <summary>The text of the first heading of the first level; null if there is none.</summary>
    public static string? Title(string markdown) =>
        Markdown.Parse(markdown, s_pipeline).OfType<HeadingBlock>().FirstOrDefault(h => h.Level == 1) is { } heading ? Text(heading) : null;

    public static IReadOnlyList<Piece> Split(string markdown)
    {
        var pieces = new List<Piece>();
        var path = new List<(int Level, string Text)>();
        var start = 0;
        foreach (var block in Markdown.Parse(markdown, s_pipeline))
        {
            if (block is Markdig.Extensions.Yaml.YamlFrontMatterBlock)
            {
                start = block.Span.End + 1;
            }
            else if (block is HeadingBlock { Level: <= DeepestSplit } heading)
            {
                Add(markdown[start..Math.Max(start, heading.Span.Start)]);
                path.RemoveAll(p => p.Level >= heading.Level);
                path.Add((heading.Level, Text(heading)));
                start = Math.Min(markdown.Length, heading.Span.End + 1);
            }
        }

        Add(markdown[start..]);
        return pieces;

        void Add(string text)
        {
            var under = string.Join(Under, path.Select(p => p.Text).Where(t => t.Length > 0));
            pieces.AddRange(TextChunker.Split(text).Select(piece => new Piece(Short(under), piece)));
        }
    }

    public static string Short(string heading) => heading.Length <= KnowledgeStore.MaxNameLength ? heading : heading[..KnowledgeStore.MaxNameLength].TrimEnd('\ud83d', '\ud83e');

    private static string Text(HeadingBlock heading) => heading.Inline is null ? "" : string.Concat(heading.Inline.Descendants().Select(i => i switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    })).Trim();
}
