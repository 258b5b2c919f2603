using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Stores.Skills;

namespace ProtoAgent.Tests.Agent.Skills;

/// <summary>Skill folders of one instance and of its box, and catalogs over them as several starts would make them.</summary>
internal sealed class SkillBench : IAsyncDisposable
{
    private readonly List<SkillCatalog> _catalogs = [];
    private readonly TempFolder _temp = new();

    /// <summary>Far behind whatever the tests write: no file is too new to be trusted.</summary>
    public WatchedTime Time { get; } = new(TimeProvider.System.GetUtcNow().AddHours(1));

    public string Temp => _temp.Path;

    public string Own => _temp.Paths().Skills;

    public string Commons => _temp.Paths().CommonsSkills;

    public string Index => _temp.Paths().SkillsIndex;

    public string Elsewhere => Path.Combine(_temp.Path, "elsewhere");

    public static string Text(string name, string description = "does it", string more = "", string body = "Do it.") =>
        $"---\nname: {name}\ndescription: {description}\n{more}---\n{body}\n";

    public SkillCatalog Start(SkillScope scope = SkillScope.Scoped, bool index = false)
    {
        var catalog = new SkillCatalog(
            Own, Commons, scope, index ? () => SkillIndex.OpenAsync(_temp.Paths(), NullLogger<SkillIndex>.Instance) : null, Time, NullLogger<SkillCatalog>.Instance);
        _catalogs.Add(catalog);
        return catalog;
    }

    public string Put(string folder, string text, string? root = null) => File(Path.Combine(folder, "SKILL.md"), text, root);

    public string File(string path, string text, string? root = null)
    {
        var full = Path.Combine(root ?? Own, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
        return full;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var catalog in _catalogs)
        {
            await catalog.DisposeAsync();
        }

        _temp.Dispose();
    }
}

internal static class SkillSetReading
{
    /// <summary>"source name" of those that do not come with the program.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(this SkillCatalog catalog) =>
        [.. (await catalog.CurrentAsync(default)).Skills.Where(s => s.Source != SkillSource.Bundled).Select(s => $"{s.Source} {s.Name}")];
}
