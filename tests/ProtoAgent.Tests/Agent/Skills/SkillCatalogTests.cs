using ProtoAgent.Agent.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

/// <summary>What is found, whose wins, what is wrong; and that a change shows at the next question, with nobody waiting for it.</summary>
public sealed class SkillCatalogTests : IAsyncDisposable
{
    private readonly SkillBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(SkillScope.Scoped, "Own both, Own mine, Own research")]
    [InlineData(SkillScope.Shared, "Commons both, Commons theirs")]
    [InlineData(SkillScope.Layered, "Own both, Own mine, Own research, Commons theirs")]
    public async Task Current_ByScope_TheOwnWins(SkillScope scope, string expected)
    {
        foreach (var name in (string[])["both", "mine", "research"])
        {
            _bench.Put($"group/{name}", SkillBench.Text(name));
        }

        _bench.Put("both", SkillBench.Text("Both"), _bench.Commons);
        _bench.Put("theirs", SkillBench.Text("theirs"), _bench.Commons);
        var catalog = _bench.Start(scope);
        (await catalog.NamesAsync()).Select(n => n.Replace("Both", "both", StringComparison.Ordinal)).ShouldBe(expected.Split(", "), ignoreOrder: true);
        (await catalog.CurrentAsync(default)).Problems.ShouldBeEmpty();
        (await catalog.CurrentAsync(default)).Find("RESEARCH").ShouldNotBeNull();
    }

    [Fact]
    public async Task Current_BrokenOnes_AreNamedWithFileAndLineAndTheRestLoads()
    {
        var broken = _bench.Put("broken", "---\nname: broken\ndescription: a: b\n---\n");
        _bench.Put("fine", SkillBench.Text("fine"));
        _bench.Put("z-twin", SkillBench.Text("fine"));
        _bench.File("loose/skill.md", SkillBench.Text("loose"));
        _bench.File("SKILL.md", SkillBench.Text("top"));
        _bench.Put("binary", SkillBench.Text("x\0y"));
        _bench.Put(".git/hidden", SkillBench.Text("hidden"));
        _bench.Put("big", SkillBench.Text("big", body: new string('x', SkillDocument.Largest)));
        Directory.CreateSymbolicLink(Path.Combine(_bench.Own, "linked"), Directory.CreateDirectory(_bench.Elsewhere).FullName);
        Directory.CreateDirectory(Path.Combine(_bench.Own, "pointing"));
        File.CreateSymbolicLink(Path.Combine(_bench.Own, "pointing/SKILL.md"), _bench.Put("there", SkillBench.Text("there"), _bench.Elsewhere));

        var catalog = _bench.Start();
        (await catalog.NamesAsync()).ShouldBe(["Own fine"]);
        var problems = (await catalog.CurrentAsync(default)).Problems.Select(p => p.ToString()).Order(StringComparer.Ordinal).ToList();
        problems.Count.ShouldBe(8, string.Join('\n', problems));
        problems.ShouldContain(p => p.StartsWith($"{broken}, line 3: not valid YAML"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/z-twin/SKILL.md: its name 'fine' is that of the skill in {_bench.Own}/fine/SKILL.md"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/loose/skill.md: it must be called SKILL.md"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/SKILL.md: it must lie in a folder of its own"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/binary/SKILL.md: it is not UTF-8"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/big/SKILL.md") && p.Contains("at most"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/linked: it is a symbolic link"));
        problems.ShouldContain(p => p.StartsWith($"{_bench.Own}/pointing/SKILL.md") && p.Contains("link"));
        catalog.Warnings().Count(w => w.Code == "skill_broken").ShouldBe(8);
    }

    [Fact]
    public async Task Current_AfterAnyKindOfChange_ShowsIt()
    {
        var catalog = _bench.Start();
        (await catalog.NamesAsync()).ShouldBeEmpty();

        // The folder of skills itself comes.
        var file = _bench.Put("one", SkillBench.Text("one"));
        (await catalog.NamesAsync()).ShouldBe(["Own one"]);

        // Written in place; of another size, for a coarse clock may give both the same time.
        File.WriteAllText(file, SkillBench.Text("once"));
        (await catalog.NamesAsync()).ShouldBe(["Own once"]);

        // As editors save: beside it, and renamed over it; same size, and the time of modification set back.
        var modified = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file + "~", SkillBench.Text("ecno"));
        File.SetLastWriteTimeUtc(file + "~", modified);
        File.Move(file + "~", file, overwrite: true);
        (await catalog.NamesAsync()).ShouldBe(["Own ecno"]);

        // A folder of folders moved in, and one renamed.
        _bench.Put("group/two", SkillBench.Text("two"), _bench.Elsewhere);
        Directory.Move(Path.Combine(_bench.Elsewhere, "group"), Path.Combine(_bench.Own, "group"));
        (await catalog.NamesAsync()).ShouldBe(["Own ecno", "Own two"]);
        File.WriteAllText(Path.Combine(_bench.Own, "group/two/SKILL.md"), SkillBench.Text("deux"));
        (await catalog.NamesAsync()).ShouldBe(["Own deux", "Own ecno"]);
        Directory.Move(Path.Combine(_bench.Own, "one"), Path.Combine(_bench.Own, ".one"));
        (await catalog.NamesAsync()).ShouldBe(["Own deux"]);

        // The folder of skills goes, and comes again.
        Directory.Move(_bench.Own, _bench.Own + "-away");
        (await catalog.NamesAsync()).ShouldBeEmpty();
        Directory.Move(_bench.Own + "-away", _bench.Own);
        (await catalog.NamesAsync()).ShouldBe(["Own deux"]);
        Directory.Delete(_bench.Own, recursive: true);
        (await catalog.NamesAsync()).ShouldBeEmpty();
    }

    /// <summary>More changes than the kernel keeps news of: that it lost count is news too.</summary>
    [Fact]
    public async Task Current_AfterMoreChangesThanTheKernelCounts_ShowsTheLast()
    {
        var file = _bench.Put("one", SkillBench.Text("one"));
        var catalog = _bench.Start();
        await catalog.CurrentAsync(default);
        var (a, b) = (Path.Combine(_bench.Own, "one/a"), Path.Combine(_bench.Own, "one/b"));
        File.WriteAllText(a, "");
        for (var i = 0; i < 10_000; i++)
        {
            File.Move(a, b);
            File.Move(b, a);
        }

        File.WriteAllText(file, SkillBench.Text("last"));
        (await catalog.NamesAsync()).ShouldBe(["Own last"]);
        File.WriteAllText(file, SkillBench.Text("another"));
        (await catalog.NamesAsync()).ShouldBe(["Own another"]);
    }

    [Fact]
    public async Task Current_NothingChanged_TheSameSet()
    {
        _bench.Put("one", SkillBench.Text("one"));
        var catalog = _bench.Start();
        var set = await catalog.CurrentAsync(default);
        SkillContent.Text(catalog, set.Find("one")!);
        (await catalog.CurrentAsync(default)).ShouldBeSameAs(set, "reading is no change");
        _bench.Time.Advance(TimeSpan.FromSeconds(31));
        (await catalog.CurrentAsync(default)).ShouldNotBeSameAs(set, "what the kernel is not told of is found in the end");
    }

    /// <summary>A start takes from the index what did not change, and reads the rest.</summary>
    [Fact]
    public async Task Current_WithAnIndex_OnlyWhatChangedIsRead()
    {
        _bench.Put("kept", SkillBench.Text("kept"));
        _bench.Put("bad", "nothing");
        var changes = _bench.Put("changes", SkillBench.Text("changes"));
        _bench.Put("gone", SkillBench.Text("gone"));
        var first = _bench.Start(index: true);
        await first.CurrentAsync(default);
        await first.UsedAsync("kept");
        await first.DisposeAsync();

        await using (var tampered = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_bench.Index};Pooling=False"))
        {
            await tampered.OpenAsync();
            await using var command = tampered.CreateCommand();
            command.CommandText = "UPDATE skills SET description = 'from the index', problem = CASE WHEN problem IS NULL THEN NULL ELSE 'known' END";
            (await command.ExecuteNonQueryAsync()).ShouldBe(4);
        }

        File.WriteAllText(changes, SkillBench.Text("changes", "from the file"));
        Directory.Delete(Path.Combine(_bench.Own, "gone"), recursive: true);
        var second = _bench.Start(index: true);
        var set = await second.CurrentAsync(default);
        set.Find("kept")!.Description.ShouldBe("from the index");
        set.Find("changes")!.Description.ShouldBe("from the file");
        set.Find("gone").ShouldBeNull();
        set.Problems.Single().Message.ShouldBe("known");
        second.LastUsed("KEPT").ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(_bench.Time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task Current_NoSkillOfItsOwn_NoIndexIsMade()
    {
        var catalog = _bench.Start(index: true);
        (await catalog.CurrentAsync(default)).Find("research").ShouldNotBeNull();
        await catalog.UsedAsync("research");
        File.Exists(_bench.Index).ShouldBeFalse();
        _bench.Put("one", SkillBench.Text("one"));
        (await catalog.NamesAsync()).ShouldBe(["Own one"]);
        File.Exists(_bench.Index).ShouldBeTrue();
    }

    [Fact]
    public async Task Current_TheIndexRefused_WorksAndSaysSo()
    {
        _bench.Put("one", SkillBench.Text("one"));
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Index)!);
        await using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_bench.Index};Pooling=False"))
        {
            await other.OpenAsync();
            await using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE skills (x)";
            await command.ExecuteNonQueryAsync();
        }

        var catalog = _bench.Start(index: true);
        (await catalog.NamesAsync()).ShouldBe(["Own one"]);
        await catalog.UsedAsync("one");
        catalog.LastUsed("one").ShouldNotBeNull();
        catalog.Warnings().Single().Code.ShouldBe("store_foreign");
    }

    [Fact]
    public async Task Current_ManyAskAtOnce_OneLook()
    {
        for (var i = 0; i < 50; i++)
        {
            _bench.Put($"s{i}", SkillBench.Text($"s{i}"));
        }

        var catalog = _bench.Start();
        var sets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await catalog.CurrentAsync(default))));
        sets.Distinct().Count().ShouldBe(1);
    }
}
