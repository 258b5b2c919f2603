using ProtoAgent.Stores.Skills;

namespace ProtoAgent.Agent.Skills;

/// <summary>The skills as they were at one moment. Never changes; what is asked of it is asked of one whole.</summary>
public sealed class SkillSet
{
    private readonly Dictionary<string, Skill> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Skill> _all = [];
    private readonly List<SkillProblem> _problems = [];

    internal static SkillSet Empty { get; } = new([], [], []);

    /// <param name="bundled">Those that come with the program.</param>
    /// <param name="tiers">What was found of each tier, the winning tier first.</param>
    /// <param name="problems">What was found wrong with folders.</param>
    internal SkillSet(IReadOnlyList<Skill> bundled, IReadOnlyList<(SkillTier Tier, IReadOnlyList<IndexedSkill> Skills)> tiers, IReadOnlyList<SkillProblem> problems)
    {
        _problems.AddRange(problems);
        foreach (var (tier, skills) in tiers)
        {
            foreach (var skill in skills)
            {
                Take(tier, skill);
            }
        }

        foreach (var skill in bundled)
        {
            _all.Add(skill);
            _byName.TryAdd(skill.Name, skill);
        }

        Skills = [.. _byName.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];
        Commands = OneEach(Skills);
    }

    /// <summary>Those in effect, by name; each name once.</summary>
    public IReadOnlyList<Skill> Skills { get; }

    /// <summary>What keeps others from being used.</summary>
    public IReadOnlyList<SkillProblem> Problems => _problems;

    /// <summary>Those a person can call, each slash command once.</summary>
    public IReadOnlyList<Skill> Commands { get; }

    /// <summary>Null if there is none of that name, in whatever case.</summary>
    public Skill? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>One source's of that name, also if another's is in effect.</summary>
    internal Skill? Find(string name, SkillSource source) => _all.Find(s => s.Source == source && s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What one source has in that folder.</summary>
    internal Skill? InFolder(string folder, SkillSource source) => _all.Find(s => s.Source == source && s.Folder == folder);

    private void Take(SkillTier tier, IndexedSkill read)
    {
        var file = tier.FileOf(read.Folder);
        if (read.Problem is { } problem)
        {
            _problems.Add(new SkillProblem(file, read.Line, problem));
            return;
        }

        var skill = new Skill(read.Name!, read.Description!, tier.Source, read.Folder, file)
        {
            Tools = read.Tools, Slash = read.Slash, UserOnly = read.UserOnly, ByAgent = read.ByAgent,
        };
        if (_byName.GetValueOrDefault(skill.Name) is { } first && first.Source == tier.Source)
        {
            _problems.Add(new SkillProblem(file, null, $"its name '{skill.Name}' is that of the skill in {first.File} too, which is the one in use. Rename one of them."));
            return;
        }

        _all.Add(skill);
        _byName.TryAdd(skill.Name, skill);
    }

    private List<Skill> OneEach(IReadOnlyList<Skill> skills)
    {
        var commands = new Dictionary<string, Skill>(StringComparer.Ordinal);

        // The instance's own before the box's before ours, as with names.
        foreach (var skill in skills.Where(s => s.Slash is not null).OrderByDescending(s => s.Source))
        {
            if (!commands.TryAdd(skill.Slash!, skill))
            {
                _problems.Add(new SkillProblem(skill.File, null, $"its slash command /{skill.Slash} is that of the skill '{commands[skill.Slash!].Name}' too, which is the one it calls. Give one of them another."));
            }
        }

        return [.. commands.Values.OrderBy(s => s.Slash, StringComparer.Ordinal)];
    }
}
