using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Files;

public sealed class FileToolTests : IDisposable
{
    private readonly WorkspaceFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Traits_OfEach_SayWhatMayBeRepeated()
    {
        var tools = FileTools.For(_fixture.Workspace, new ToolOptions(), TimeProvider.System).ToDictionary(t => t.Name, t => t.Traits);
        tools["list_dir"].ShouldBe(ToolTraits.Idempotent | ToolTraits.Parallel);
        tools["read_file"].ShouldBe(ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External);
        tools["search_files"].ShouldBe(ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External);
        tools["write_file"].ShouldBe(ToolTraits.Idempotent);
        tools["edit_file"].ShouldBe(ToolTraits.None);
        tools["delete_file"].ShouldBe(ToolTraits.None);
    }

    [Fact]
    public void Schema_OfEach_NamesItsArgumentsInSnakeCase()
    {
        var schemas = FileTools.For(_fixture.Workspace, new ToolOptions(), TimeProvider.System).ToDictionary(t => t.Name, t => t.Schema.ToString());
        schemas["edit_file"].ShouldContain("\"old_text\"");
        schemas["edit_file"].ShouldContain("\"required\":[\"path\",\"old_text\",\"new_text\"]");
        schemas["list_dir"].ShouldNotContain("\"required\"");
    }

    [Fact]
    public async Task Call_AnArgumentThereIsNot_NamedAndRefused() =>
        (await _fixture["list_dir"].RefusalAsync(new JsonObject { ["folder"] = "x" })).ShouldContain("folder");

    [Fact]
    public async Task Any_NoWorkspaceYet_MadeForThisUserAlone()
    {
        Directory.Delete(_fixture.Root);
        (await _fixture["list_dir"].AskAsync([])).ShouldBe("'.' is empty.");
        File.GetUnixFileMode(_fixture.Root).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task ListDir_Recursive_SortedWithKindsAndWithoutWhatIsHidden()
    {
        _fixture.Put("b/ü.txt", "12345");
        _fixture.Put("a.txt", "");
        _fixture.Put(".git/config", "");
        _fixture.Put("odd\nname", "");
        _fixture.Link("link", "../outside");
        _fixture.Fifo("pipe");
        (await _fixture["list_dir"].AskAsync(new JsonObject { ["recursive"] = true }))
            .ShouldBe(".git/\na.txt  0\nb/\nb/ü.txt  5\nlink -> ../outside\nodd\uFFFDname  0\npipe  (fifo)");
        (await _fixture["list_dir"].AskAsync(new JsonObject { ["path"] = ".git" })).ShouldBe("config  0");
        (await _fixture["list_dir"].AskAsync(new JsonObject { ["limit"] = 2 })).ShouldBe(
            ".git/\na.txt  0\n[There is more: only the first 2 are listed. List a folder further down, or raise limit, up to 5,000.]");
        (await _fixture["list_dir"].RefusalAsync(new JsonObject { ["path"] = "a.txt" })).ShouldContain("is a file");
        (await _fixture["list_dir"].RefusalAsync(new JsonObject { ["path"] = "none" })).ShouldContain("There is no 'none'");
        (await _fixture["list_dir"].RefusalAsync(new JsonObject { ["limit"] = 0 })).ShouldContain("limit is 0");
    }

    [Fact]
    public async Task ReadFile_Lines_NumberedAndContinued()
    {
        _fixture.Put("f", "one\r\ntwo\n\nfour\n");
        (await Read("f")).ShouldBe("     1\tone\n     2\ttwo\n     3\t\n     4\tfour");
        (await Read("f", offset: 2, limit: 2)).ShouldBe("     2\ttwo\n     3\t\n[Lines 2 to 3 of 4. For the next, call again with offset 4.]");
        (await Read("f", offset: 4, limit: 1)).ShouldBe("     4\tfour");
        (await _fixture["read_file"].RefusalAsync(new JsonObject { ["path"] = "f", ["offset"] = 5 })).ShouldBe("'f' has 4 lines; offset 5 is behind its end.");
        _fixture.Put("empty", "");
        (await Read("empty")).ShouldBe("'empty' is empty.");
    }

    [Theory]
    [InlineData(new byte[] { 0x7F, 0x45, 0, 0x46 })]
    [InlineData(new byte[] { 0x41, 0xFF, 0xFE })]
    public async Task ReadFile_Binary_SaysSo(byte[] content)
    {
        await File.WriteAllBytesAsync(_fixture.Path("f"), content);
        (await _fixture["read_file"].RefusalAsync(new JsonObject { ["path"] = "f" })).ShouldContain("binary");
    }

    [Fact]
    public async Task ReadFile_OverTheCap_SaysHowBigAndReadsUpToIt()
    {
        var content = new byte[Workspace.LongestFile];
        Array.Fill(content, (byte)'x');
        await File.WriteAllBytesAsync(_fixture.Path("f"), content);
        _fixture.Workspace.Read("f").Length.ShouldBe(Workspace.LongestFile);
        await File.AppendAllTextAsync(_fixture.Path("f"), "y");
        (await _fixture["read_file"].RefusalAsync(new JsonObject { ["path"] = "f" })).ShouldContain("10,485,761 bytes");
        Should.Throw<ToolException>(() => _fixture.Workspace.Write("g", new byte[Workspace.LongestFile + 1])).Message.ShouldContain("10,485,760");
        File.Exists(_fixture.Path("g")).ShouldBeFalse();
    }

    [Fact]
    public async Task ReadFile_OneHugeLine_ReadInPartsWithoutLossAndWithinTheBound()
    {
        var line = string.Concat(Enumerable.Range(0, 30_000).Select(i => i % 7 == 0 ? "😀" : "a"));
        _fixture.Put("f", line);
        var whole = new StringBuilder();
        for (int? column = 1; column is not null;)
        {
            var part = await Read("f", column: column.Value);
            part.Length.ShouldBeLessThanOrEqualTo(new ToolOptions().LongestResult);
            var rows = part.Split('\n');
            whole.Append(rows[0].AsSpan(7));
            column = rows.Length == 1 ? null : int.Parse(rows[1].Split("column ")[1].TrimEnd(']', '.'));
        }

        whole.ToString().ShouldBe(line);
    }

    [Fact]
    public async Task ReadFile_ManyLines_NeverMoreThanTheModelIsShown()
    {
        _fixture.Put("f", string.Concat(Enumerable.Range(1, 1_500).Select(i => $"line {i} {new string('x', 40)}\n")));
        var part = await Read("f");
        part.Length.ShouldBeInRange(19_000, 20_000);
        part.ShouldContain("of 1500. For the next, call again with offset ");
    }

    [Fact]
    public async Task WriteFile_NewAndOld_MadeWithFoldersAndKeepsRights()
    {
        (await Write("a/b/c.sh", "grüß dich")).ShouldBe("Wrote 11 bytes to 'a/b/c.sh'.");
        File.GetUnixFileMode(_fixture.Path("a/b/c.sh")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(_fixture.Path("a/b/c.sh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await Write("a/b/c.sh", "changed");
        (await File.ReadAllTextAsync(_fixture.Path("a/b/c.sh"))).ShouldBe("changed");
        File.GetUnixFileMode(_fixture.Path("a/b/c.sh")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.GetFiles(_fixture.Path("a/b")).Length.ShouldBe(1, "nothing is left beside it");
        (await _fixture["write_file"].RefusalAsync(new JsonObject { ["path"] = "a/b", ["content"] = "" })).ShouldContain("is a folder");
        (await _fixture["write_file"].RefusalAsync(new JsonObject { ["path"] = "", ["content"] = "" })).ShouldContain("is a folder");
        (await _fixture["write_file"].RefusalAsync(new JsonObject { ["path"] = "a/b/c.sh/d", ["content"] = "" })).ShouldContain("must be");
        (await _fixture["write_file"].RefusalAsync(new JsonObject { ["path"] = new string('x', 256), ["content"] = "" })).ShouldContain("255 bytes");
        (await Write(new string('x', 255), "")).ShouldStartWith("Wrote 0 bytes");
    }

    [Fact]
    public void Replace_FailsHalfWay_KeepsTheOldFileAndLeavesNothingBeside()
    {
        _fixture.Put("f", "old");
        Should.Throw<ToolException>(() => _fixture.Workspace.Replace("f", file =>
        {
            RandomAccess.Write(file, "ne"u8, 0);
            throw new IOException("No space left on device");
        })).Message.ShouldContain("is as it was");
        File.ReadAllText(_fixture.Path("f")).ShouldBe("old");
        Directory.GetFileSystemEntries(_fixture.Root).Length.ShouldBe(1);
    }

    [Fact]
    public async Task DeleteFile_FolderWithContent_OnlyRecursively()
    {
        _fixture.Put("d/e/f", "");
        (await _fixture["delete_file"].RefusalAsync(new JsonObject { ["path"] = "d" })).ShouldContain("recursive");
        (await _fixture["delete_file"].AskAsync(new JsonObject { ["path"] = "d", ["recursive"] = true })).ShouldBe("Deleted 'd' and the 2 entries in it.");
        (await _fixture["delete_file"].RefusalAsync(new JsonObject { ["path"] = "d" })).ShouldContain("There is no 'd'");
        (await _fixture["delete_file"].RefusalAsync(new JsonObject { ["path"] = ".", ["recursive"] = true })).ShouldContain("workspace itself");
    }

    private Task<string> Read(string path, int? offset = null, int? limit = null, int? column = null) =>
        _fixture["read_file"].AskAsync(new JsonObject { ["path"] = path, ["offset"] = offset, ["limit"] = limit, ["column"] = column });

    private Task<string> Write(string path, string content) => _fixture["write_file"].AskAsync(new JsonObject { ["path"] = path, ["content"] = content });
}
