using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// Writes, installs, promotes and deletes skills. Everything is checked first; then it happens in one rename, so that nobody
/// ever reads half of a skill, and what fails leaves what was there.
/// </summary>
public sealed class SkillFiles(SkillCatalog catalog) : IDisposable
{
    private const int NewFolder = 0x1C0;

    private readonly SemaphoreSlim _writing = new(1, 1);

    private SkillTier Written => catalog.Tiers[0];

    /// <summary>Told what was done (<c>saved</c>, <c>installed</c>, <c>promoted</c>, <c>deleted</c>), and the skill's name. Neither waits nor throws.</summary>
    public Action<string, string> Changed { get; init; } = (_, _) => { };

    /// <summary>Puts the text in place of the skill's <c>SKILL.md</c>, or makes the skill; files beside it stay.</summary>
    /// <param name="byAgent">The agent writes it: what it did not write itself it may not replace or stand before.</param>
    /// <param name="replace">Put it in the place of one of that name; else that is refused.</param>
    /// <returns>The skill, and whether it is new.</returns>
    /// <exception cref="SkillException">It is not written.</exception>
    public Task<(Skill Skill, bool IsNew)> SaveAsync(string name, string text, bool byAgent = false, bool replace = true) => OneAtATimeAsync(async () =>
    {
        RefuseBadName(name);
        var document = Check(text);
        if (document.Name != name)
        {
            throw new SkillException("skill_invalid", $"The text's front matter says 'name: {document.Name}', and it is to be saved as '{name}'. Make the two one.");
        }

        var set = await catalog.CurrentAsync(CancellationToken.None);
        if (byAgent && set.Find(name) is { ByAgent: false } others)
        {
            throw new SkillException("skill_exists", $"There is a skill '{others.Name}' already, and you did not write it. Choose another name, or ask the person you work for to change it.");
        }

        var existing = set.Find(name, Written.Source);
        var folder = existing?.Folder ?? name;
        RefuseTaken(existing, replace);
        if (existing is null && set.InFolder(folder, Written.Source) is { } other)
        {
            throw new SkillException("skill_exists", $"The folder {Path.GetDirectoryName(other.File)} holds the skill '{other.Name}'. Rename one of them.");
        }

        if (byAgent && existing is null && File.Exists(Written.FileOf(folder)))
        {
            throw new SkillException("skill_exists", $"{Written.FileOf(folder)} is there already, and can't be read as a skill. Choose another name, or tell the person you work for.");
        }

        Disk(() => Put(folder, text));
        Changed("saved", name);
        return (await FoundAsync(name), existing is null);
    });

    /// <summary>Deletes a skill that this instance may write, with all that is in its folder.</summary>
    /// <exception cref="SkillException">There is none, or it is another's.</exception>
    public Task DeleteAsync(string name) => OneAtATimeAsync(async () =>
    {
        var set = await catalog.CurrentAsync(CancellationToken.None);
        if (set.Find(name, Written.Source) is not { } skill)
        {
            throw set.Find(name) is { } other ? ReadOnly(other) : SkillException.NotFound(name, set.Skills);
        }

        Disk(() => SkillTransfer.Remove(Written, skill.Folder));
        catalog.Touch();
        Changed("deleted", skill.Name);
        return true;
    });

    /// <summary>
    /// Lifts one of the instance's own skills into the commons. Where the instance reads the commons its own copy goes, for the
    /// other takes its place; else it stays.
    /// </summary>
    /// <returns>The skill as it is in the commons now.</returns>
    /// <exception cref="SkillException">There is no such skill of its own, or the commons has one and it is not to be replaced.</exception>
    public Task<Skill> PromoteAsync(string name, bool replace) => OneAtATimeAsync(async () =>
    {
        var set = await catalog.CurrentAsync(CancellationToken.None);
        if (set.Find(name, SkillSource.Own) is not { } skill)
        {
            throw set.Find(name) is { } other
                ? new SkillException("skill_not_promoted", $"The skill '{other.Name}' is {(other.Source == SkillSource.Commons ? "in the commons already" : "there for every instance: it comes with the program")}. Only an instance's own skills can be promoted.")
                : SkillException.NotFound(name, set.Skills);
        }

        await using var theirs = new SkillCatalog(catalog.Commons.Path, catalog.Commons.Path, SkillScope.Shared, index: null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<SkillCatalog>.Instance);
        var from = Path.Combine(Written.Path, skill.Folder);
        using var into = new SkillFiles(theirs);
        var lifted = await into.InstallAsync(from, replace);
        if (catalog.Scope == SkillScope.Layered)
        {
            Disk(() => SkillTransfer.Remove(Written, skill.Folder));
        }

        catalog.Touch();
        Changed("promoted", lifted.Name);
        return lifted;
    });

    /// <summary>Copies a skill's folder from somewhere else, files and all.</summary>
    /// <param name="replace">Put it in the place of one of that name; else that is refused.</param>
    /// <exception cref="SkillException">It is no skill's folder, there is one already, or a link stands in it.</exception>
    public Task<Skill> InstallAsync(string folder, bool replace) => OneAtATimeAsync(async () =>
    {
        var from = new SkillTier(Written.Source, folder);
        SkillDocument document;
        using (var opened = from.Open(""))
        {
            document = Check(SkillTier.Read(opened, SkillTier.FileName, SkillDocument.Largest, followLinks: false).Content, from.FileOf(""));
        }

        var set = await catalog.CurrentAsync(CancellationToken.None);
        var existing = set.Find(document.Name, Written.Source);
        RefuseTaken(existing, replace);
        var target = existing?.Folder ?? document.Name;
        if (existing is null && set.InFolder(target, Written.Source) is { } other)
        {
            throw new SkillException("skill_exists", $"The folder {Path.GetDirectoryName(other.File)} holds the skill '{other.Name}'. Rename one of them.");
        }

        Disk(() => SkillTransfer.Copy(from, Written, target));
        Changed("installed", document.Name);
        return await FoundAsync(document.Name);
    });

    public void Dispose() => _writing.Dispose();

    /// <summary>What a skill that is written must be; see <see cref="SkillDocument.RefuseUnlessStrict"/>.</summary>
    /// <exception cref="SkillException">It isn't.</exception>
    public static SkillDocument Check(string text)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) > SkillDocument.Largest)
        {
            throw new SkillException("skill_too_large", $"A {SkillTier.FileName} may have {SkillDocument.Largest / 1024} KiB. Move details into files beside it.");
        }

        return Check(() => SkillDocument.Parse(text), $"The {SkillTier.FileName}");
    }

    private static SkillDocument Check(byte[] content, string file) => Check(() => SkillDocument.Parse(content), file);

    private static SkillDocument Check(Func<SkillDocument> parse, string what)
    {
        try
        {
            var document = parse();
            document.RefuseUnlessStrict();
            return document;
        }
        catch (SkillFormatException e)
        {
            throw new SkillException("skill_invalid", $"{what}{(e.Line is { } line ? $", line {line}" : "")}: {e.Message}.", e);
        }
    }

    private static void RefuseBadName(string name)
    {
        if (SkillNames.Violation(name) is { } violation)
        {
            throw new SkillException("skill_name_invalid", $"A skill can't be saved as '{Refusal.Shown(name)}': its name {violation}. {(SkillNames.Slug(name) is { Length: > 0 and <= SkillNames.Longest } slug ? $"'{slug}' can be used." : "")}".TrimEnd());
        }
    }

    private static void RefuseTaken(Skill? existing, bool replace)
    {
        if (existing is not null && !replace)
        {
            throw new SkillException("skill_exists", $"There is a skill '{existing.Name}' already, in {existing.File}. Say that it is to be replaced, or rename one.");
        }
    }

    private static SkillException ReadOnly(Skill skill) => new(
        "skill_read_only",
        skill.Source == SkillSource.Bundled
            ? $"The skill '{skill.Name}' comes with the program and can't be deleted. Save one of that name to have your own instead."
            : $"The skill '{skill.Name}' is the box's ({skill.File}), for every instance that reads the commons. Delete it with skills.scope: shared, or delete its folder.");

    private void Put(string folder, string text)
    {
        AtomicFile.CreateFolder(Written.Path);
        using var root = Written.Open("");
        var error = folder.Contains('/', StringComparison.Ordinal) ? Refusal.AlreadyThere : LinuxFile.MakeFolder(root, folder, NewFolder);
        if (error is not (0 or Refusal.AlreadyThere))
        {
            throw new SkillException("skills_folder", $"The folder {Path.Combine(Written.Path, folder)} can't be made: {SkillTier.Reason(error)}.");
        }

        var isPlaced = false;
        try
        {
            using var at = Written.Open(folder);
            var bytes = TextContent.Encode(text);
            var rights = LinuxFile.StatAt(at, SkillTier.FileName, out var stat) == 0 && stat.Kind == FileKind.File ? stat.Rights : (UnixFileMode?)null;
            NewFile.Put(at, SkillTier.FileName, Written.FileOf(folder), rights, file => RandomAccess.Write(file, bytes, 0));
            isPlaced = true;
        }
        finally
        {
            if (error == 0 && !isPlaced)
            {
                // Refused by the kernel if somebody put something there meanwhile.
                LinuxFile.Remove(root, folder, isFolder: true);
            }
        }
    }

    private async Task<Skill> FoundAsync(string name)
    {
        catalog.Touch();
        return (await catalog.CurrentAsync(CancellationToken.None)).Find(name, Written.Source)
            ?? throw new SkillException("skills_folder", $"The skill '{name}' was written, and is not there any more: somebody else changed it in that moment.");
    }

    private static void Disk(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException)
        {
            throw new SkillException("skills_folder", $"The skills' folder can't be changed: {e.Message}", e);
        }
    }

    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> write)
    {
        await _writing.WaitAsync();
        try
        {
            return await write();
        }
        finally
        {
            _writing.Release();
        }
    }
}
