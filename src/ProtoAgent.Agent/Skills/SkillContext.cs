using System.Text;
using ProtoAgent.Agent.Context;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// Tells the model which skills there are: name and summary, as many as the budget holds, those used lately first; of the others
/// the names, for a quarter of the budget more; then how many there are besides. Sorted by name, so that the text stays the same
/// from call to call and a provider can keep it.
/// </summary>
public sealed class SkillContext(SkillCatalog catalog, SkillOptions options, Func<bool> canLoad) : IContextProvider
{
    private const string Head = "<skills>\nProcedures for certain kinds of task. When one fits what is asked, read it with load_skill before you begin, and follow it.";
    private const string Tail = "\n</skills>";

    /// <summary>Behind who the agent is, before what it remembers: it changes less often.</summary>
    public int Order => 20;

    public async ValueTask<string?> ProvideAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        if (options.ContextCharacters == 0 || !canLoad())
        {
            return null;
        }

        return Compose((await catalog.CurrentAsync(cancellationToken)).Skills, catalog.LastUsed, options.ContextCharacters);
    }

    internal static string? Compose(IReadOnlyList<Skill> skills, Func<string, DateTimeOffset?> lastUsed, int budget)
    {
        var told = skills.Where(s => !s.UserOnly).ToList();
        if (told.Count == 0)
        {
            return null;
        }

        var room = budget - Head.Length - Tail.Length;
        var whole = new List<Skill>();
        var rest = new List<Skill>();
        foreach (var skill in told.OrderByDescending(s => lastUsed(s.Name) ?? DateTimeOffset.MinValue))
        {
            // The first that does not fit ends it: a short one behind it is not more worth telling.
            var line = Line(skill).Length;
            (rest.Count == 0 && line <= room ? whole : rest).Add(skill);
            room -= line;
        }

        var text = new StringBuilder(Head);
        foreach (var skill in whole.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            text.Append(Line(skill));
        }

        var names = budget / 4;
        var named = rest.TakeWhile(s => (names -= s.Name.Length + 2) >= 0).ToList();
        if (named.Count > 0)
        {
            text.Append("\nOthers, by name: ").AppendJoin(", ", named.Select(s => s.Name).Order(StringComparer.Ordinal));
        }

        if (rest.Count > named.Count)
        {
            text.Append($"\n+{rest.Count - named.Count} more: list_skills finds them.");
        }

        return text.Append(Tail).ToString();
    }

    /// <summary>A summary can't end what it stands in.</summary>
    private static string Line(Skill skill) => $"\n- {skill.Name}: {skill.Description.Replace("<", "‹", StringComparison.Ordinal)}";
}
