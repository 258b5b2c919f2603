using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Files;

public sealed class EditFileTests : IDisposable
{
    private readonly WorkspaceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Edit_OneMatch_ReplacedAndItsLineNamed()
    {
        _fixture.Put("f", "one\ntwo\nthree\n");
        (await Edit("two\nth", "2\n3-th")).ShouldBe("Replaced it in 'f', at line 2.");
        Now.ShouldBe("one\n2\n3-three\n");
        (await Edit("one\n", "")).ShouldEndWith("at line 1.");
        Now.ShouldBe("2\n3-three\n");
    }

    [Fact]
    public async Task Edit_SeveralMatches_RefusedWithTheirLinesUnlessAllAreMeant()
    {
        _fixture.Put("f", "x = 1\ny = 2\nx = 1\nx = 1 x = 1\n");
        (await Refusal("x = 1", "z")).ShouldContain("4 times in 'f', at lines 1, 3, 4, 4");
        Now.ShouldStartWith("x = 1");
        (await Edit("x = 1", "$1\\0", all: true)).ShouldBe("Replaced 4 pieces in 'f', at lines 1, 3, 4, 4.");
        Now.ShouldBe("$1\\0\ny = 2\n$1\\0\n$1\\0 $1\\0\n");
    }

    [Fact]
    public async Task Edit_NoMatch_NamesTheNearestLine()
    {
        _fixture.Put("f", "alpha\n    return  value + 1;\nomega\n");
        (await Refusal("return value + 1;", "z")).ShouldContain("The nearest line is 2: '    return  value + 1;'");
        (await Refusal("Alpha\n", "z")).ShouldContain("The nearest line is 1: 'alpha'");
        (await Refusal("12345", "z")).ShouldContain("No line is like it");
        (await Refusal("", "z")).ShouldContain("old_text is empty");
        (await Refusal("alpha", "alpha")).ShouldContain("nothing would change");
    }

    [Fact]
    public async Task Edit_CrLf_KeptThroughoutAndNotNeededInThePieces()
    {
        _fixture.Put("f", "one\r\ntwo\r\nthree\r\n");
        await Edit("one\ntwo", "1\n1½\n2");
        Now.ShouldBe("1\r\n1½\r\n2\r\nthree\r\n");
        await Edit("2\r\n", "two\r\n");
        Now.ShouldBe("1\r\n1½\r\ntwo\r\nthree\r\n");
    }

    [Fact]
    public async Task Edit_MixedLineEnds_TakenAsTheyAre()
    {
        _fixture.Put("f", "one\r\ntwo\nthree");
        (await Refusal("one\ntwo", "x")).ShouldContain("must match exactly");
        await Edit("two\nthree", "2\n3");
        Now.ShouldBe("one\r\n2\n3");
    }

    [Fact]
    public async Task Edit_UnicodeAndMark_Kept()
    {
        await File.WriteAllBytesAsync(_fixture.Path("f"), [0xEF, 0xBB, 0xBF, .. "naïve 😀 café"u8]);
        await Edit("😀", "日本");
        (await File.ReadAllBytesAsync(_fixture.Path("f"))).ShouldBe([0xEF, 0xBB, 0xBF, .. "naïve 日本 café"u8]);
        var half = JsonElement.Parse("""{"path":"f","old_text":"naïve","new_text":"\ud83d"}""");
        (await Should.ThrowAsync<ToolException>(() => _fixture["edit_file"].CallAsync(half, ToolCalls.Any, CancellationToken.None))).Message.ShouldContain("new_text");
        (await Refusal("cafe\u0301", "x")).ShouldContain("not in 'f'", customMessage: "letters are compared as they are written");
    }

    [Fact]
    public async Task Edit_Binary_RefusedAndUntouched()
    {
        await File.WriteAllBytesAsync(_fixture.Path("f"), [0x61, 0xFF]);
        (await Refusal("a", "b")).ShouldContain("binary");
        (await File.ReadAllBytesAsync(_fixture.Path("f"))).ShouldBe([0x61, 0xFF]);
    }

    [Fact]
    public async Task Edit_OneHugeLine_ReplacedInIt()
    {
        _fixture.Put("f", new string('a', 2_000_000) + "needle" + new string('b', 2_000_000));
        await Edit("needle", "thread");
        Now.Length.ShouldBe(4_000_006);
        Now.ShouldContain("athreadb");
        (await Refusal("needle", "x")).Length.ShouldBeLessThan(1_000);
    }

    [Fact]
    public async Task Edit_ManyAtOnce_NoneLost()
    {
        _fixture.Put("f", string.Concat(Enumerable.Range(0, 40).Select(i => $"<{i}>\n")));
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Edit($"<{i}>", $"[{i}]"))));
        Now.ShouldBe(string.Concat(Enumerable.Range(0, 40).Select(i => $"[{i}]\n")));
    }

    private string Now => File.ReadAllText(_fixture.Path("f"));

    private Task<string> Edit(string old, string with, bool all = false) => _fixture["edit_file"].AskAsync(Arguments(old, with, all));

    private Task<string> Refusal(string old, string with) => _fixture["edit_file"].RefusalAsync(Arguments(old, with, all: false));

    private static JsonObject Arguments(string old, string with, bool all) =>
        new() { ["path"] = "f", ["old_text"] = old, ["new_text"] = with, ["replace_all"] = all };
}
