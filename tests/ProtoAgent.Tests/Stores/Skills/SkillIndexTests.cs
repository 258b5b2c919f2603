using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Skills;

public sealed class SkillIndexTests : IDisposable
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Replace_EveryField_IsThereAtTheNextOpen()
    {
        var whole = new IndexedSkill("own", "a/b", 3, new FileStamp(1, 2, 3))
        {
            Name = "näme", Description = "what\nfor", Tools = ["x", "y"], Slash = "go", UserOnly = true, ByAgent = true,
        };
        var broken = new IndexedSkill("commons", "c", 3, new FileStamp(4, 5, 6)) { Problem = "no name", Line = 2 };
        var index = await OpenAsync();
        await index.ReplaceAsync([whole, broken, whole with { Folder = "gone" }], []);
        await index.ReplaceAsync([broken with { Line = 7 }], [("own", "gone"), ("own", "never")]);
        await index.DisposeAsync();

        await using var again = await OpenAsync();
        again.Skills.Select(s => s with { Tools = [] }).ShouldBe([broken with { Line = 7, Tools = [] }, whole with { Tools = [] }], ignoreOrder: true);
        again.Skills.Single(s => s.Name is not null).Tools.ShouldBe(["x", "y"]);
    }

    [Fact]
    public async Task Used_Twice_TheLaterStands()
    {
        var index = await OpenAsync();
        await index.UsedAsync("Research", s_noon.AddMinutes(1));
        await index.UsedAsync("research", s_noon);
        await index.DisposeAsync();
        await using var again = await OpenAsync();
        again.Uses.Single().Value.ShouldBe(s_noon.AddMinutes(1));
        again.Uses.ContainsKey("RESEARCH").ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public async Task Open_Damaged_PutAsideAndBegunAnew(int from)
    {
        var index = await OpenAsync();
        await index.ReplaceAsync([.. Enumerable.Range(0, 200).Select(i => new IndexedSkill("own", $"f{i}", 1, default) { Description = new string('d', 200) })], []);
        await index.DisposeAsync();
        var path = _temp.Paths().SkillsIndex;
        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan(from).Fill(0xA5);
        await File.WriteAllBytesAsync(path, bytes);

        await using var anew = await OpenAsync();
        anew.Skills.ShouldBeEmpty();
        await anew.UsedAsync("x", s_noon);
        File.Exists($"{path}.damaged").ShouldBeTrue();
    }

    [Fact]
    public async Task Open_OfTheOtherSystem_RefusedAndLeftAsItWas()
    {
        var path = _temp.Paths().SkillsIndex;
        AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
        await using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await other.OpenAsync();
            await using var command = other.CreateCommand();
            command.CommandText = "CREATE VIRTUAL TABLE skills USING fts5(name, description)";
            await command.ExecuteNonQueryAsync();
        }

        var before = await File.ReadAllBytesAsync(path);
        (await Should.ThrowAsync<StoreException>(OpenAsync)).Code.ShouldBe("store_foreign");
        (await File.ReadAllBytesAsync(path)).ShouldBe(before);
    }

    private Task<SkillIndex> OpenAsync() => SkillIndex.OpenAsync(_temp.Paths(), NullLogger<SkillIndex>.Instance);
}
