using System.Text;
using CsCheck;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Reading;
using Shouldly;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;
using Xunit;

namespace ProtoAgent.Tests.Agent.Knowledge;

public sealed class ReadingTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("<think>hm</think>yes", "yes")]
    [InlineData("a <thinking>hm</thinking> b", "a b")]
    [InlineData("<scratch_pad>\nx\n</scratch_pad>\nyes", "yes")]
    [InlineData("<think>never closed", "")]
    [InlineData("thought without a beginning</think>yes", "yes")]
    [InlineData("The `<think>` tag and its `</think>`", "The `<think>` tag and its `</think>`")]
    [InlineData("a < b and <b>bold</b>", "a < b and <b>bold</b>")]
    public void Strip_OfAModel_LeavesTheAnswer(string written, string kept) => Reasoning.Strip(written, ofModel: true).ShouldBe(kept);

    [Fact]
    public void Strip_OfADocument_KeepsWhatIsBeforeAClosingTag() => Reasoning.Strip("about </think> tags", ofModel: false).ShouldBe("about </think> tags");

    [Fact]
    public void Split_AnyText_LosesNoWordAndKeepsToTheLength() =>
        Gen.String[Gen.Char["ab .\n!é\ud83d日"], 0, 6000].Sample(text =>
        {
            var pieces = TextChunker.Split(text);
            var words = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.Length < 100).ToList();
            return pieces.All(p => p.Length is > 0 and <= TextChunker.Longest + 200) && words.All(w => pieces.Any(p => p.Contains(w, StringComparison.Ordinal)));
        }, iter: 300);

    [Fact]
    public void Split_LongText_CutsBehindSentencesAndOverlaps()
    {
        var text = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"This is sentence number {i} of the text."));
        var pieces = TextChunker.Split(text);
        pieces.Count.ShouldBeGreaterThan(2);
        pieces.SkipLast(1).ShouldAllBe(p => p.EndsWith('.'));
        for (var i = 1; i < pieces.Count; i++)
        {
            pieces[i - 1].ShouldContain(pieces[i][..30]);
        }
    }

    [Fact]
    public void Split_Markdown_ByItsHeadingsAndNotByCode()
    {
        var pieces = MarkdownChunker.Split("---\ntitle: x\n---\nbefore\n\n# One\n\na\n\n```\n# no heading\n```\n\n## Two `code`\n\nb\n\n# Three\n\nc");
        pieces.Select(p => p.Heading).ShouldBe(["", "One", "One › Two code", "Three"]);
        pieces[1].Content.ShouldContain("# no heading");
        pieces[0].Content.ShouldBe("before");
    }

    [Fact]
    public async Task Read_Html_LeavesOutWhatIsAround()
    {
        var text = string.Join(' ', Enumerable.Repeat("The harbour opens at dawn and closes at dusk every day.", 12));
        var read = await ReadAsync("page", $"<!doctype html><html><head><title>Harbour</title><script>evil()</script></head><body><nav>Home About</nav><article><h1>Hours</h1><p>{text}</p></article></body></html>");
        (read.Title, read.Type).ShouldBe(("Harbour", "html"));
        read.Pieces.ShouldAllBe(p => !p.Content.Contains("evil") && p.Heading.Length > 0);
        read.Pieces[0].Content.ShouldContain("harbour opens");
    }

    [Fact]
    public async Task Read_Csv_EachPieceHasTheNames()
    {
        var read = await ReadAsync("people.csv", "name,city\n" + string.Join('\n', Enumerable.Range(0, 200).Select(i => $"person{i},town{i}")));
        read.Pieces.Count.ShouldBeGreaterThan(2);
        read.Pieces.ShouldAllBe(p => p.Content.StartsWith("name,city\n"));
    }

    [Fact]
    public async Task Read_Pdf_PageByPage()
    {
        var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        builder.AddPage(PageSize.A4).AddText("The first page speaks of lighthouses.", 12, new PdfPoint(50, 700), font);
        builder.AddPage(PageSize.A4).AddText("The second page speaks of whales.", 12, new PdfPoint(50, 700), font);
        var read = await DocumentReader.ReadAsync(new RawDocument("sea.pdf", builder.Build()), CancellationToken.None);
        read.Type.ShouldBe("pdf");
        read.Pieces.Select(p => $"{p.Heading}: {p.Content}").ShouldBe(["Page 1: The first page speaks of lighthouses.", "Page 2: The second page speaks of whales."]);
    }

    [Theory]
    [InlineData("%PDF-1.7 and then nonsense", "document_unreadable")]
    [InlineData("", "document_empty")]
    [InlineData("<think>x</think>", "document_empty")]
    public async Task Read_WhatCantBe_SaysWhy(string content, string code) =>
        (await Should.ThrowAsync<KnowledgeException>(() => ReadAsync("a.txt", content))).Code.ShouldBe(code);

    private static Task<ReadDocument> ReadAsync(string source, string content) => DocumentReader.ReadAsync(new RawDocument(source, Encoding.UTF8.GetBytes(content)), CancellationToken.None);
}
