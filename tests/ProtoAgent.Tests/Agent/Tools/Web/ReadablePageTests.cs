using ProtoAgent.Agent.Tools.Web;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Web;

public sealed class ReadablePageTests
{
    private static readonly Uri s_address = new("https://site.example/docs/page?x=1");

    [Fact]
    public async Task ReadAsync_AnArticle_ItsTextAndNothingAroundIt()
    {
        var page = await ReadAsync(Pages.Article);
        page.Title.ShouldBe("On tea");
        page.Byline.ShouldBe("Ada Example");
        page.Whole.ShouldBeTrue();
        foreach (var line in new[]
        {
            "## Water", "## Time", "[kettle](https://site.example/kettle)", "1. Warm the pot.\n2. Add leaves:\n   - one spoon each\n   - one for the pot", "> Wait longer.",
            "```\nwait(\n    300);\n```",
        })
        {
            page.Text.ShouldContain(line);
        }

        foreach (var around in new[] { "Shop the sale", "coffee", "Copyright", "script text", "p, a, b" })
        {
            page.Text.ShouldNotContain(around);
        }
    }

    [Theory]
    [InlineData("<p>one\n  two</p><p>three", "one two\n\nthree")]
    [InlineData("a<br>b<br><br>c", "a\nb\n\nc")]
    [InlineData("<h1>A <b>big</b> head</h1>text", "# A big head\n\ntext")]
    [InlineData("<ul><li>a<li><p>b</p><li></li></ul>end", "- a\n- b\n\nend")]
    [InlineData("<ol start=3><li>c<li>d</ol>", "3. c\n4. d")]
    [InlineData("<a href='other#part'>x</a>", "[x](https://site.example/docs/other#part)")]
    [InlineData("<base href='/root/'><a href='other'>x</a>", "[x](https://site.example/root/other)")]
    [InlineData("see<a href='/y'> this </a>now", "see [this](https://site.example/y) now")]
    [InlineData("<a href='#top'>up</a> <a href='javascript:run()'>run</a> <a href='/docs/page?x=1#a'>here</a> <a>none</a>", "up run here none")]
    [InlineData("<a href='/card'><h3>Card</h3><p>text</p></a>", "[Card text](https://site.example/card)")]
    [InlineData("<a href='/icon'><svg><title>i</title></svg></a>x", "x")]
    [InlineData("<img alt='A cat' src=c.png><img src=d.png>", "[image: A cat]")]
    [InlineData("use <code>a  b</code> or <kbd>Esc</kbd>", "use `a b` or `Esc`")]
    [InlineData("<pre>a\n  b</pre>", "```\na\n  b\n```")]
    [InlineData("<pre>```x```</pre>", "````\n```x```\n````")]
    [InlineData("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc")]
    [InlineData("<table><tr><th>a<th>b<tr><td>1|2<td><p>x</p><p>y</p></table>", "| a | b |\n| --- | --- |\n| 1\\|2 | x y |")]
    [InlineData("<table><tr><td><h2>In a layout</h2><p>text</td><td></td></tr></table>", "## In a layout\n\ntext")]
    [InlineData("<dl><dt>term<dd>meaning</dl>", "term\n  meaning")]
    [InlineData("a<hr>b", "a\n\n---\n\nb")]
    [InlineData("<div><div>a</div></div><div>b</div>", "a\n\nb")]
    [InlineData("a &lt;b&gt; &amp;&nbsp;c &#x41;", "a <b> & c A")]
    [InlineData("<p>a<script>x</script><style>y</style><template>z</template><noscript>n</noscript><iframe>i</iframe><textarea>t</textarea>b", "ab")]
    [InlineData("<nav><a href='/a'>a</a></nav>", "[a](https://site.example/a)")]
    [InlineData("", "")]
    public async Task ReadAsync_APieceOfHtml_ItsMarkdown(string html, string markdown) => (await ReadAsync(html)).Text.ShouldBe(markdown);

    [Fact]
    public async Task ReadAsync_NoArticle_AllButNavigation()
    {
        var links = string.Concat(Enumerable.Range(0, 40).Select(i => $"<tr><td>{i}.<td><a href='/item{i}'>Entry {i}</a></tr>"));
        var page = await ReadAsync($"<title>List</title><nav>Menu</nav><table>{links}</table><footer>Legal</footer>");
        page.Title.ShouldBe("List");
        page.Text.ShouldContain("| 7. | [Entry 7](https://site.example/item7) |");
        page.Text.ShouldNotContain("Menu");
        page.Text.ShouldNotContain("Legal");
    }

    [Fact]
    public async Task ReadAsync_AMainPart_ThatAlone()
    {
        var text = string.Concat(Enumerable.Repeat("<div>entry</div>", 60));
        (await ReadAsync($"<div>Around</div><main>{text}</main>")).Text.ShouldNotContain("Around");
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<span>")]
    [InlineData("<ul><li>x")]
    [InlineData("<blockquote>")]
    [InlineData("<svg><g>")]
    [InlineData("<math><mi>")]
    [InlineData("<template>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<a href=x><table><tr><td>")]
    public async Task ReadAsync_NestedWithoutEnd_ItsBeginning(string nested)
    {
        var page = await ReadAsync("<p>before</p>" + string.Concat(Enumerable.Repeat(nested, 100_000)));
        page.Whole.ShouldBeFalse();
        page.Text.ShouldStartWith("before");
    }

    [Fact]
    public async Task ReadAsync_TooManyElements_ItsBeginning()
    {
        var page = await ReadAsync("<p>before</p>" + string.Concat(Enumerable.Repeat("<p>x</p>", BoundedHtml.MaxElements)));
        page.Whole.ShouldBeFalse();
        page.Text.ShouldStartWith("before\n\nx\n\nx");
    }

    [Fact]
    public async Task ReadAsync_FormattingThatMultiplies_StaysSmall()
    {
        // Taken as they stand, each <p> would hold every <b> before it: twelve million elements.
        var page = await ReadAsync(string.Concat(Enumerable.Range(0, 5000).Select(i => $"<b id=b{i}><p>x")));
        page.Text.Length.ShouldBeLessThan(100_000);
    }

    [Fact]
    public async Task ReadAsync_AttributesWithoutEnd_AreDropped()
    {
        var page = await ReadAsync("<p " + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"a{i}=1 ")) + ">text");
        page.Text.ShouldBe("text");
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => ReadablePage.ReadAsync("<p>x", s_address, stop.Token));
    }

    private static Task<ReadablePage> ReadAsync(string html) => ReadablePage.ReadAsync(html, s_address, default);
}
