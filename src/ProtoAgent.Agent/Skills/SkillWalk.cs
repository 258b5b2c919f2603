using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// Finds the skills of a tier: a folder with a <c>SKILL.md</c> is one, with all that is in it; any other folder only brings
/// some together. Names that begin with a dot are others' business, or our own unfinished work.
/// </summary>
internal sealed class SkillWalk(SkillTier tier, SkillWatch watch)
{
    public const int Deepest = 6;
    public const int MostFolders = 20_000;

    private readonly List<FoundSkill> _found = [];
    private readonly List<SkillProblem> _problems = [];
    private int _folders;

    public SkillTier Tier => tier;

    /// <summary>In the order of their folders.</summary>
    public IReadOnlyList<FoundSkill> Found => _found;

    public IReadOnlyList<SkillProblem> Problems => _problems;

    public void Run()
    {
        var error = LinuxFile.Open(tier.Path, LinuxFile.ReadOnly | LinuxFile.Directory, out var handle);
        if (error == Refusal.NotThere)
        {
            watch.AddMissing(tier.Path);
            return;
        }

        if (error != 0)
        {
            // Not watched, so asked each time: it may become readable.
            watch.AddMissing(tier.Path);
            Problem("", $"it can't be looked into: {SkillTier.Reason(error)}. Give this user the right to, or move it away");
            return;
        }

        watch.Add(tier.Path);
        using var root = new WorkspaceFolder(handle, "");
        Look(root, 0);
    }

    private void Look(WorkspaceFolder folder, int depth)
    {
        List<FolderEntry> entries;
        try
        {
            entries = folder.Entries();
        }
        catch (ToolException e)
        {
            Problem(folder.Path, e.Message.TrimEnd('.'));
            return;
        }

        foreach (var entry in entries.Where(e => !e.Name.StartsWith('.')))
        {
            switch (entry.Stat.Kind)
            {
                case FileKind.Folder:
                    Enter(folder, entry, depth);
                    break;
                case FileKind.Link when Directory.Exists(System.IO.Path.Combine(tier.Path, entry.Path)):
                    Problem(entry.Path, "it is a symbolic link, which is not followed. Put a copy of the folder here");
                    break;
                case FileKind.File when entry.Name.Equals(SkillTier.FileName, StringComparison.OrdinalIgnoreCase):
                    Problem(entry.Path, entry.Name == SkillTier.FileName
                        ? "it must lie in a folder of its own, which is the skill's"
                        : $"it must be called {SkillTier.FileName}, in capitals, to be read");
                    break;
                default:
                    break;
            }
        }
    }

    private void Enter(WorkspaceFolder folder, FolderEntry entry, int depth)
    {
        if (++_folders > MostFolders)
        {
            if (_folders == MostFolders + 1)
            {
                Problem(entry.Path, $"from here on nothing is looked at: there are more than {MostFolders:N0} folders. Move away what is no skill");
            }

            return;
        }

        using var inside = folder.Down(entry.Name);
        if (inside is null)
        {
            Problem(entry.Path, "it can't be looked into. Give this user the right to, or move it away");
            return;
        }

        watch.Add(System.IO.Path.Combine(tier.Path, entry.Path));
        if (inside.StatOf(SkillTier.FileName) is { } file)
        {
            _found.Add(new FoundSkill(entry.Path, file));
        }
        else if (depth < Deepest)
        {
            Look(inside, depth + 1);
        }
        else
        {
            Problem(entry.Path, $"it is nested more than {Deepest} folders deep, and is not looked into");
        }
    }

    private void Problem(string path, string what) => _problems.Add(new SkillProblem(Refusal.OneLine(System.IO.Path.Combine(tier.Path, path)), null, what + "."));
}

/// <param name="Folder">Relative to the tier's.</param>
/// <param name="File">What its <c>SKILL.md</c> is.</param>
internal sealed record FoundSkill(string Folder, FileStat File);
