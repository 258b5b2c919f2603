using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Tests.Agent.Tools.Files;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools;

public sealed class ResultOverflowTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly WorkspaceFixture _fixture = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    private readonly ToolOptions _options = new() { LongestResult = 1_000 };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Fit_ShortEnough_IsTheSame()
    {
        var result = new ToolResult(new string('x', 1_000));
        Overflow.Fit(result, ToolCalls.Any).ShouldBeSameAs(result);
        Directory.GetFileSystemEntries(_fixture.Root).ShouldBeEmpty();
    }

    [Fact]
    public void Fit_TooLong_KeptWholeForThisUserAndCutInTheMiddle()
    {
        var text = "begin\n" + new string('x', 50_000) + "\nend";
        var shown = Fit(text);
        shown.Length.ShouldBeInRange(950, 1_000);
        shown.ShouldStartWith("begin\nxxx");
        shown.ShouldEndWith("x\nend");
        shown.ShouldContain("'.results/turn-call.txt'");
        shown.ShouldContain("of 50,010 characters are left out here");
        File.ReadAllText(_fixture.Path(".results/turn-call.txt")).ShouldBe(text);
        File.GetUnixFileMode(_fixture.Path(".results/turn-call.txt")).ShouldBe(OwnerReadsAndWrites);
        File.GetUnixFileMode(_fixture.Path(".results")).ShouldBe(OwnerReadsAndWrites | UnixFileMode.UserExecute);
        var head = shown.IndexOf("\n\n[…", StringComparison.Ordinal);
        var tail = shown.Length - shown.LastIndexOf("…]\n\n", StringComparison.Ordinal) - 4;
        ((double)head / (head + tail)).ShouldBeInRange(0.69, 0.71);
        (head + tail + int.Parse(shown.Split("[… ")[1].Split(' ')[0].Replace(",", ""))).ShouldBe(text.Length);
    }

    [Fact]
    public async Task Fit_TooLong_ReadFileGoesOnWhereItStops()
    {
        var text = string.Concat(Enumerable.Range(1, 9_000).Select(i => $"{i} "));
        var shown = Fit(text);
        shown.ShouldContain("offset 1 and column ");
        var column = int.Parse(shown.Split("column ")[1].Split('.')[0]);
        var read = await FileTools.For(_fixture.Workspace, _options, _clock).Single(t => t.Name == "read_file")
            .AskAsync(new JsonObject { ["path"] = ".results/turn-call.txt", ["offset"] = 1, ["column"] = column });
        read[7..].ShouldStartWith(text[(column - 1)..(column + 300)]);
        read.Length.ShouldBeLessThanOrEqualTo(1_000);
    }

    [Theory]
    [InlineData("../../outside/x")]
    [InlineData("/etc/x")]
    [InlineData("")]
    [InlineData("functions.get:0")]
    [InlineData("ä\0\n😀")]
    public void Fit_AnyCallId_OneFileInItsFolder(string id)
    {
        var outside = _fixture.OutsideNow();
        Overflow.Fit(Long, new ToolCall("thread", "turn", id, "test"));
        Overflow.Fit(Long, new ToolCall("thread", "turn", id + "2", "test"));
        Overflow.Fit(Long, new ToolCall("thread", "turn", new string('y', 5_000) + id, "test"));
        var names = Directory.GetFiles(_fixture.Path(".results")).Select(Path.GetFileName).ToList();
        names.Count.ShouldBe(3);
        names.ShouldAllBe(n => n!.All(c => char.IsAsciiLetterOrDigit(c) || "-_.".Contains(c)) && n!.Length < 120);
        _fixture.OutsideNow().ShouldBe(outside);
    }

    [Fact]
    public void Fit_AnyText_NeverTooLongAndNeverHalfACharacter() =>
        Gen.OneOf("a", "😀", "\n", "é", "\r\n").Array[300, 4_000].Sample(
            pieces =>
            {
                var text = string.Concat(pieces);
                var shown = Fit(text);
                return shown.Length <= 1_000 && shown.EnumerateRunes().All(r => r.Value != 0xFFFD);
            },
            iter: 100);

    [Fact]
    public void Fit_CannotBeKept_StillCutAndSaysSo()
    {
        _fixture.Put(".results", "a file where the folder should be");
        var shown = Fit(Long.Text);
        shown.Length.ShouldBeLessThanOrEqualTo(1_000);
        shown.ShouldContain("could not be kept");
        shown.ShouldNotContain("read_file,");
    }

    [Fact]
    public void Fit_ALinkOutsideForItsFolder_NothingIsWrittenThere()
    {
        _fixture.Link(".results", "../outside");
        var outside = _fixture.OutsideNow();
        Fit(Long.Text).ShouldContain("could not be kept");
        Overflow.Prune(TimeSpan.FromDays(-1)).ShouldBe(0);
        _fixture.OutsideNow().ShouldBe(outside);
    }

    [Fact]
    public void Prune_SomeOld_OnlyTheseAreGone()
    {
        Overflow.Prune(TimeSpan.FromDays(7)).ShouldBe(0, "nothing was kept yet");
        Overflow.Fit(Long, new ToolCall("thread", "turn", "old", "test"));
        Overflow.Fit(Long, new ToolCall("thread", "turn", "new", "test"));
        File.SetLastWriteTimeUtc(_fixture.Path(".results/turn-old.txt"), _clock.GetUtcNow().UtcDateTime.AddDays(-8));
        Overflow.Prune(TimeSpan.FromDays(7)).ShouldBe(1);
        Directory.GetFiles(_fixture.Path(".results")).Select(Path.GetFileName).ShouldBe(["turn-new.txt"]);
        _clock.Advance(TimeSpan.FromDays(8));
        Overflow.Prune(TimeSpan.FromDays(7)).ShouldBe(1);
    }

    [Fact]
    public void Prune_ALinkToAFolderInside_LeavesItsFiles()
    {
        _fixture.Put("docs/mine.txt", "x");
        _fixture.Link(".results", "docs");
        _clock.Advance(TimeSpan.FromDays(8));
        Overflow.Prune(TimeSpan.FromDays(7)).ShouldBe(0);
        File.Exists(_fixture.Path("docs/mine.txt")).ShouldBeTrue();
    }

    private static ToolResult Long { get; } = new(new string('x', 2_000));

    private ResultOverflow Overflow => new(_fixture.Workspace, _options, _clock, NullLogger<ResultOverflow>.Instance);

    private string Fit(string text) => Overflow.Fit(new ToolResult(text), ToolCalls.Any).Text;
}
