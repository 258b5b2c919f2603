using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools.Files;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Files;

public sealed class SearchFilesTests : IDisposable
{
    private readonly WorkspaceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Search_Text_AnswersPathLineAndText()
    {
        _fixture.Put("a.txt", "one\r\ntwo fish\n");
        _fixture.Put("b/c.md", "red fish, blue fish");
        _fixture.Put(".hidden/d", "fish");
        _fixture.Put("image", "fish\0");
        _fixture.Link("link", "a.txt");
        _fixture.HardLink("hard", Path.Combine(_fixture.Outside, "secret.txt"));
        (await Search("fish|canary")).ShouldBe(
            "a.txt:2: two fish\nb/c.md:1: red fish, blue fish\n[2 lines in 2 files searched; 2 not: binary, not readable, or over 10 MB]");
        (await Search("(?i)FISH", path: "b")).ShouldStartWith("b/c.md:1:");
        (await Search("fish", path: ".hidden")).ShouldStartWith(".hidden/d:1:");
        (await Search("^two", path: "a.txt")).ShouldStartWith("a.txt:2:");
        (await Search("^$")).ShouldStartWith("[0 lines");
        (await Search("fish", limit: 1)).ShouldContain("There is more");
    }

    [Theory]
    [InlineData("*.md", "b/c.md", true)]
    [InlineData("*.md", "c.md", true)]
    [InlineData("*.md", "c.mdx", false)]
    [InlineData("b/*.md", "b/c.md", true)]
    [InlineData("b/*.md", "b/x/c.md", false)]
    [InlineData("**/c.md", "c.md", true)]
    [InlineData("**/c.md", "b/x/c.md", true)]
    [InlineData("b/**", "b/x/c.md", true)]
    [InlineData("*.{md,txt}", "a.txt", true)]
    [InlineData("*.{md,txt}", "a.{md", false)]
    [InlineData("?.txt", "ab.txt", false)]
    [InlineData("a+(b).txt", "a+(b).txt", true)]
    [InlineData("/a.txt", "b/a.txt", false)]
    public void Glob_Matches_AsItIsUsed(string glob, string path, bool matches) => Glob.Parse(glob).IsMatch(path).ShouldBe(matches);

    [Fact]
    public async Task Search_HugeLine_ShownAroundTheMatch()
    {
        _fixture.Put("f", string.Concat(Enumerable.Repeat("😀", 100_000)) + "needle" + new string('b', 100_000));
        var found = await Search("need.e");
        found.Length.ShouldBeLessThan(500);
        found.ShouldContain("needle");
        found.EnumerateRunes().ShouldAllBe(r => r.Value != 0xFFFD);
    }

    [Theory]
    [InlineData("(", "is no regular expression")]
    [InlineData("", "1 to 1,000")]
    [InlineData("(a)\\1", "look-around")]
    [InlineData("(?=a)", "look-around")]
    [InlineData("(((a{1000}){1000}){1000})", "look-around")]
    public async Task Search_BadPattern_SaysWhatIsWrong(string pattern, string said) =>
        (await _fixture["search_files"].RefusalAsync(new JsonObject { ["pattern"] = pattern })).ShouldContain(said);

    [Fact]
    public async Task Search_APatternThatBacktracks_IsStillDone()
    {
        _fixture.Put("f", new string('a', 100_000));
        (await Search("(a+)+b")).ShouldStartWith("[0 lines");
    }

    [Fact]
    public async Task Search_BadGlob_SaysWhatIsWrong() =>
        (await _fixture["search_files"].RefusalAsync(new JsonObject { ["pattern"] = "a", ["glob"] = "*.{a" })).ShouldContain("without its '}'");

    private Task<string> Search(string pattern, string? path = null, int? limit = null) =>
        _fixture["search_files"].AskAsync(new JsonObject { ["pattern"] = pattern, ["path"] = path, ["limit"] = limit });
}
