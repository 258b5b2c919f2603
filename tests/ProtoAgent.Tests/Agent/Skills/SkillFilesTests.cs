using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Tests.Stores;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

public sealed class SkillFilesTests : IAsyncDisposable
{
    private readonly SkillBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Save_NewThenAgain_IsThereAtOnceAndWhatLiesBesideItStays()
    {
        var (catalog, files) = Start();
        (await files.SaveAsync("a", SkillBench.Text("a", "one"))).ShouldSatisfyAllConditions(s => s.IsNew.ShouldBeTrue(), s => s.Skill.File.ShouldBe($"{_bench.Own}/a/SKILL.md"));
        _bench.File("a/x.md", "x");
        (await files.SaveAsync("a", SkillBench.Text("a", "two"))).IsNew.ShouldBeFalse();
        (await catalog.CurrentAsync(default)).Find("a")!.Description.ShouldBe("two");
        Directory.GetFileSystemEntries(Path.Combine(_bench.Own, "a")).Select(Path.GetFileName).ShouldBe(["SKILL.md", "x.md"], ignoreOrder: true);
        File.GetUnixFileMode(Path.Combine(_bench.Own, "a/SKILL.md")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(_bench.Own, "a")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Save_OneThatLiesElsewhere_InItsPlace()
    {
        _bench.Put("group/other-folder", SkillBench.Text("a", "one"));
        var (_, files) = Start();
        (await files.SaveAsync("a", SkillBench.Text("a", "two"))).Skill.Folder.ShouldBe("group/other-folder");
    }

    [Theory]
    [InlineData("a", "nothing", "skill_invalid", "line 1")]
    [InlineData("a", "---\nname: b\ndescription: y\n---\nDo.", "skill_invalid", "'name: b'")]
    [InlineData("a", "---\nname: a\ndescription: y\n---\n", "skill_invalid", "nothing stands behind")]
    [InlineData("../a", "---\nname: ../a\ndescription: y\n---\nDo.", "skill_name_invalid", "letters a-z")]
    [InlineData("A b", "---\nname: A b\ndescription: y\n---\nDo.", "skill_name_invalid", "'a-b' can be used")]
    [InlineData("taken", "---\nname: taken\ndescription: y\n---\nDo.", "skill_exists", "holds the skill 'other'")]
    public async Task Save_WhatIsNoSkill_RefusedAndNothingChanged(string name, string text, string code, string message)
    {
        _bench.Put("a", SkillBench.Text("a", "before"));
        _bench.Put("taken", SkillBench.Text("other"));
        var (catalog, files) = Start();
        var refused = await Should.ThrowAsync<SkillException>(() => files.SaveAsync(name, text));
        (refused.Code, refused.Message).ShouldSatisfyAllConditions(r => r.Code.ShouldBe(code, r.Message), r => r.Message.ShouldContain(message));
        (await catalog.NamesAsync()).ShouldBe(["Own a", "Own other"]);
        (await catalog.CurrentAsync(default)).Find("a")!.Description.ShouldBe("before");
    }

    [Fact]
    public async Task Save_TooLongADescription_Refused() =>
        (await Should.ThrowAsync<SkillException>(() => Start().Files.SaveAsync("a", SkillBench.Text("a", new string('x', 1025))))).Message.ShouldContain("1,025");

    [Fact]
    public async Task Save_WhereALinkStands_IsNotFollowed()
    {
        Directory.CreateDirectory(_bench.Own);
        Directory.CreateSymbolicLink(Path.Combine(_bench.Own, "a"), Directory.CreateDirectory(_bench.Elsewhere).FullName);
        await Should.ThrowAsync<SkillException>(() => Start().Files.SaveAsync("a", SkillBench.Text("a")));
        Directory.GetFileSystemEntries(_bench.Elsewhere).ShouldBeEmpty();
    }

    /// <summary>What a person wrote, broken or not, and what comes with the program, is not the agent's to change.</summary>
    [Fact]
    public async Task Save_ByTheAgent_OnlyWhatItWroteItself()
    {
        _bench.Put("mine", SkillBench.Text("mine"));
        _bench.Put("half", "---\nname: half\n");
        var (catalog, files) = Start();
        foreach (var name in (string[])["mine", "half", "research"])
        {
            (await Should.ThrowAsync<SkillException>(() => files.SaveAsync(name, SkillDocument.Compose(name, "d", "Do.", []), byAgent: true))).Code.ShouldBe("skill_exists", name);
        }

        await files.SaveAsync("its", SkillDocument.Compose("its", "one", "Do.", []), byAgent: true);
        await files.SaveAsync("its", SkillDocument.Compose("its", "two", "Do.", []), byAgent: true);
        (await catalog.CurrentAsync(default)).Find("its")!.ShouldSatisfyAllConditions(s => s.ByAgent.ShouldBeTrue(), s => s.Description.ShouldBe("two"));
        await files.SaveAsync("half", SkillBench.Text("half"));
        (await catalog.CurrentAsync(default)).Problems.ShouldBeEmpty("a person mends what is broken");
    }

    [Fact]
    public async Task Delete_Own_WithAllInItsFolderButNothingBehindALink()
    {
        _bench.File("kept.txt", "kept", _bench.Elsewhere);
        _bench.Put("g/a", SkillBench.Text("a"));
        Directory.CreateSymbolicLink(Path.Combine(_bench.Own, "g/a/away"), _bench.Elsewhere);
        var (catalog, files) = Start();
        await files.DeleteAsync("a");
        (await catalog.NamesAsync()).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_bench.Own, "g")).ShouldBeEmpty();
        File.Exists(Path.Combine(_bench.Elsewhere, "kept.txt")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("research", "skill_read_only")]
    [InlineData("theirs", "skill_read_only")]
    [InlineData("none", "skill_not_found")]
    [InlineData("../x", "skill_not_found")]
    public async Task Delete_Others_Refused(string name, string code)
    {
        _bench.Put("theirs", SkillBench.Text("theirs"), _bench.Commons);
        (await Should.ThrowAsync<SkillException>(() => Start(SkillScope.Layered).Files.DeleteAsync(name))).Code.ShouldBe(code);
        File.Exists(Path.Combine(_bench.Commons, "theirs/SKILL.md")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(SkillScope.Layered, false)]
    [InlineData(SkillScope.Scoped, true)]
    public async Task Promote_Own_LiesInTheCommonsFilesAndAll(SkillScope scope, bool keepsItsOwn)
    {
        _bench.Put("a", SkillBench.Text("a", "mine"));
        var script = _bench.File("a/scripts/run.sh", "#!/bin/sh");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        _bench.File("a/.git/config", "hidden");
        var (catalog, files) = Start(scope);
        (await files.PromoteAsync("a", replace: false)).Source.ShouldBe(SkillSource.Commons);
        (await catalog.NamesAsync()).ShouldBe([keepsItsOwn ? "Own a" : "Commons a"]);
        File.GetUnixFileMode(Path.Combine(_bench.Commons, "a/scripts/run.sh")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.GetFileSystemEntries(Path.Combine(_bench.Commons, "a")).Select(Path.GetFileName).ShouldBe(["SKILL.md", "scripts"], ignoreOrder: true);
        Directory.GetFileSystemEntries(_bench.Commons).Length.ShouldBe(1, "nothing half done is left");
    }

    [Fact]
    public async Task Promote_OneTheCommonsHas_OnlyIfItIsToBeReplaced()
    {
        _bench.Put("deep/there", SkillBench.Text("a", "theirs"), _bench.Commons);
        _bench.File("deep/there/old.md", "old", _bench.Commons);
        _bench.Put("a", SkillBench.Text("a", "mine"));
        var (catalog, files) = Start(SkillScope.Layered);
        (await Should.ThrowAsync<SkillException>(() => files.PromoteAsync("a", replace: false))).Code.ShouldBe("skill_exists");
        (await catalog.NamesAsync()).ShouldBe(["Own a"]);
        await files.PromoteAsync("a", replace: true);
        (await catalog.CurrentAsync(default)).Find("a")!.ShouldSatisfyAllConditions(s => s.Description.ShouldBe("mine"), s => s.Folder.ShouldBe("deep/there"));
        Directory.GetFileSystemEntries(Path.Combine(_bench.Commons, "deep")).Select(Path.GetFileName).ShouldBe(["there"]);
        Directory.GetFileSystemEntries(Path.Combine(_bench.Commons, "deep/there")).Select(Path.GetFileName).ShouldBe(["SKILL.md"]);
        (await Should.ThrowAsync<SkillException>(() => files.PromoteAsync("a", replace: true))).Code.ShouldBe("skill_not_promoted");
    }

    [Fact]
    public async Task Install_WithALinkInIt_RefusedAndNothingLeft()
    {
        _bench.Put("a", SkillBench.Text("a"), _bench.Elsewhere);
        File.CreateSymbolicLink(Path.Combine(_bench.Elsewhere, "a/link"), "/etc/passwd");
        var (catalog, files) = Start();
        (await Should.ThrowAsync<SkillException>(() => files.InstallAsync(Path.Combine(_bench.Elsewhere, "a"), replace: false))).Code.ShouldBe("skill_file_refused");
        Directory.GetFileSystemEntries(_bench.Own).ShouldBeEmpty();
        File.Delete(Path.Combine(_bench.Elsewhere, "a/link"));
        await files.InstallAsync(Path.Combine(_bench.Elsewhere, "a"), replace: false);
        (await catalog.NamesAsync()).ShouldBe(["Own a"]);
    }

    [Fact]
    public async Task Save_DiskFullOrReadOnly_WhatWasThereStays()
    {
        using var disk = SmallDisk.Mount(_bench.Temp);
        var own = Path.Combine(disk.Path, "skills");
        _bench.Put("a", SkillBench.Text("a", "before"), own);
        await using var catalog = new SkillCatalog(own, _bench.Commons, SkillScope.Scoped, index: null, _bench.Time, NullLogger<SkillCatalog>.Instance);
        using var files = new SkillFiles(catalog);
        var ballast = disk.Fill();
        (await Should.ThrowAsync<SkillException>(() => files.SaveAsync("a", SkillBench.Text("a", "after", body: new string('x', 50_000))))).ShouldSatisfyAllConditions(
            e => e.Code.ShouldBe("skills_folder"), e => e.Message.ShouldContain("could not be written"));
        await Should.ThrowAsync<SkillException>(() => files.SaveAsync("b", SkillBench.Text("b", body: new string('x', 50_000))));
        Directory.GetFileSystemEntries(own, "*", SearchOption.AllDirectories).ShouldBe([Path.Combine(own, "a"), Path.Combine(own, "a/SKILL.md")], ignoreOrder: true);

        File.Delete(ballast);
        disk.MakeReadOnly();
        foreach (var refused in (Func<Task>[])[() => files.SaveAsync("a", SkillBench.Text("a", "after")), () => files.DeleteAsync("a"), () => files.SaveAsync("b", SkillBench.Text("b"))])
        {
            (await Should.ThrowAsync<SkillException>(refused)).Code.ShouldBe("skills_folder");
        }

        (await catalog.CurrentAsync(default)).Find("a")!.Description.ShouldBe("before");
    }

    private (SkillCatalog Catalog, SkillFiles Files) Start(SkillScope scope = SkillScope.Scoped)
    {
        var catalog = _bench.Start(scope);
        return (catalog, new SkillFiles(catalog));
    }
}
