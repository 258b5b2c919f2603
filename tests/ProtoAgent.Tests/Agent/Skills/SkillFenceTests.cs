using System.Diagnostics;
using ProtoAgent.Agent.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

/// <summary>Nothing outside a skill's own folder is ever read, whatever links lie there.</summary>
public sealed class SkillFenceTests : IAsyncLifetime
{
    private readonly SkillBench _bench = new();
    private SkillCatalog _catalog = null!;
    private Skill _skill = null!;

    public async ValueTask InitializeAsync()
    {
        _bench.Put("s", SkillBench.Text("s"));
        _bench.File("s/docs/inside.md", "inside");
        _bench.File("s/docs/.secret", "dot");
        _bench.File("t/SKILL.md", SkillBench.Text("t"));
        _bench.File("secret.txt", "SECRET", _bench.Elsewhere);
        _catalog = _bench.Start();
        _skill = (await _catalog.CurrentAsync(default)).Find("s")!;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("docs/inside.md")]
    [InlineData("./docs/../docs/inside.md")]
    public void File_Inside_IsRead(string file) => SkillContent.File(_catalog, _skill, file).ShouldBe("inside");

    [Theory]
    [InlineData("../t/SKILL.md", "skill_file_refused")]
    [InlineData("docs/../../t/SKILL.md", "skill_file_refused")]
    [InlineData("/etc/passwd", "skill_file_refused")]
    [InlineData("", "skill_file_refused")]
    [InlineData("docs", "skill_file_refused")]
    [InlineData("docs/inside.md\0", "skill_file_refused")]
    [InlineData("docs/none.md", "skill_not_found")]
    public void File_OutsideOrNone_Refused(string file, string code) =>
        Should.Throw<SkillException>(() => SkillContent.File(_catalog, _skill, file)).Code.ShouldBe(code);

    [Fact]
    public void File_BehindALink_OnlyIfItStaysInside()
    {
        File.CreateSymbolicLink(Path.Combine(_bench.Own, "s/in.md"), "docs/inside.md");
        File.CreateSymbolicLink(Path.Combine(_bench.Own, "s/out.md"), Path.Combine(_bench.Elsewhere, "secret.txt"));
        File.CreateSymbolicLink(Path.Combine(_bench.Own, "s/up.md"), "../t/SKILL.md");
        Directory.CreateSymbolicLink(Path.Combine(_bench.Own, "s/away"), _bench.Elsewhere);
        SkillContent.File(_catalog, _skill, "in.md").ShouldBe("inside");
        foreach (var file in (string[])["out.md", "up.md", "away/secret.txt", "away/../secret.txt"])
        {
            Should.Throw<SkillException>(() => SkillContent.File(_catalog, _skill, file)).Message.ShouldContain("leads out", customMessage: file);
        }
    }

    [Fact]
    public void File_NoPlainFile_Refused()
    {
        Process.Start("ln", [Path.Combine(_bench.Elsewhere, "secret.txt"), Path.Combine(_bench.Own, "s/hard.md")]).WaitForExit();
        Process.Start("mkfifo", [Path.Combine(_bench.Own, "s/pipe")]).WaitForExit();
        Should.Throw<SkillException>(() => SkillContent.File(_catalog, _skill, "hard.md")).Message.ShouldContain("hard link");
        Should.Throw<SkillException>(() => SkillContent.File(_catalog, _skill, "pipe")).Message.ShouldContain("fifo");
    }

    /// <summary>The folder was listed a moment ago; by now a link stands there.</summary>
    [Fact]
    public void Text_TheFolderSwappedForALink_NotFollowed()
    {
        _bench.Put("", SkillBench.Text("s", body: "SECRET"), _bench.Elsewhere);
        Directory.Delete(Path.Combine(_bench.Own, "s"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_bench.Own, "s"), _bench.Elsewhere);
        Should.Throw<SkillException>(() => SkillContent.Text(_catalog, _skill));
        Should.Throw<SkillException>(() => SkillContent.Files(_catalog, _skill));
    }

    [Fact]
    public void Files_BesideIt_AreNamedWithoutHiddenOnes() => SkillContent.Files(_catalog, _skill).Files.ShouldBe(["docs/inside.md"]);
}
