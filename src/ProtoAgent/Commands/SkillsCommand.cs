using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent skills</c>: works on the folders themselves, so the instance need not run; one that runs sees what changed.</summary>
internal static class SkillsCommand
{
    public static Command Create() => new(
        "skills",
        "The instance's skills: folders with a SKILL.md. Works on the folders; an instance that runs sees what changed.\nExit codes: 0 fine, 1 refused, or a skill that can't be used.")
    {
        List(), Show(), Save(), Delete(), Promote(), Check(),
    };

    private static Command List()
    {
        var command = new Command("list", "Name, whose it is, slash command and summary of each; what is wrong with others goes to stderr.");
        command.SetAction((parsed, cancellation) => WithAsync(parsed, async (catalog, _) =>
        {
            var set = await catalog.CurrentAsync(cancellation);
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(
                    new Listing([.. set.Skills.Select(Row.Of)], [.. set.Problems.Select(p => new Fault(p.Path, p.Line, p.Message))]), SkillsCommandJson.Default.Listing));
            }
            else
            {
                TextTable.Write(Console.Out, ["NAME", "SOURCE", "SLASH", "SUMMARY"], set.Skills.Select(s => new[] { s.Name, SourceOf(s), s.Slash is { } slash ? "/" + slash : "-", s.Description }));
            }

            Complain(set.Problems);
            return set.Problems.Count == 0 ? ExitCodes.Ok : ExitCodes.Problems;
        }));
        return command;
    }

    private static Command Show()
    {
        var name = new Argument<string>("name").From("/api/skills?limit=500", "name");
        var file = new Option<string?>("--file") { Description = "A file of its folder, instead of its SKILL.md.", HelpName = "path" };
        var command = new Command("show", "Print a skill's SKILL.md, or a file beside it.") { name, file };
        command.SetAction((parsed, cancellation) => WithAsync(parsed, async (catalog, _) =>
        {
            var skill = await FindAsync(catalog, parsed.GetRequiredValue(name), cancellation);
            Console.Out.Write(parsed.GetValue(file) is { } wanted ? SkillContent.File(catalog, skill, wanted) : SkillContent.Text(catalog, skill));
            var (files, count) = SkillContent.Files(catalog, skill);
            Console.Error.WriteLine($"[{SourceOf(skill)}: {skill.File}{(count > 0 ? $"; beside it: {string.Join(", ", files)}{(count > files.Count ? ", …" : "")}" : "")}]");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Save()
    {
        var from = new Argument<string>("from") { Description = "A SKILL.md, a folder with one (files beside it come along), or - for standard input." };
        var replace = new Option<bool>("--replace") { Description = "Put it in the place of the instance's skill of that name." };
        var command = new Command("save", "Save a skill as this instance's own. Its name is what its front matter says.") { from, replace };
        command.SetAction((parsed, cancellation) => WithAsync(parsed, async (catalog, files) =>
        {
            var given = parsed.GetRequiredValue(from);
            Skill saved;
            if (given != "-" && Directory.Exists(given))
            {
                saved = await files.InstallAsync(Path.GetFullPath(given), parsed.GetValue(replace));
            }
            else
            {
                var text = given == "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(given, cancellation);
                saved = (await files.SaveAsync(SkillFiles.Check(text).Name, text, replace: parsed.GetValue(replace))).Skill;
            }

            Console.Out.WriteLine($"Saved '{saved.Name}': {saved.File}");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Delete()
    {
        var name = new Argument<string>("name").From("/api/skills?limit=500", "name");
        var command = new Command("delete", "Delete one of the instance's own skills, with all that is in its folder.") { name };
        command.SetAction((parsed, _) => WithAsync(parsed, async (_, files) =>
        {
            await files.DeleteAsync(parsed.GetRequiredValue(name));
            Console.Out.WriteLine($"Deleted '{parsed.GetRequiredValue(name)}'.");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Promote()
    {
        var name = new Argument<string>("name").From("/api/skills?limit=500", "name");
        var replace = new Option<bool>("--replace") { Description = "Put it in the place of the commons' skill of that name." };
        var command = new Command("promote", "Lift one of the instance's own skills into the box's commons, for every instance that reads them (skills.scope).") { name, replace };
        command.SetAction((parsed, _) => WithAsync(parsed, async (catalog, files) =>
        {
            var lifted = await files.PromoteAsync(parsed.GetRequiredValue(name), parsed.GetValue(replace));
            Console.Out.WriteLine($"Promoted '{lifted.Name}': {lifted.File}");
            Console.Error.WriteLine(catalog.Scope == SkillScope.Layered
                ? "The instance's own copy is gone; it reads the commons'."
                : "The instance keeps its own copy: it does not read the commons (skills.scope: scoped).");
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Check()
    {
        var path = new Argument<string?>("path") { Arity = ArgumentArity.ZeroOrOne, Description = "A SKILL.md or a skill's folder; without it, all the instance reads." };
        var command = new Command("check", "Say what is wrong with skills, with file and line, and change nothing.") { path };
        command.SetAction((parsed, cancellation) => WithAsync(parsed, async (catalog, _) =>
        {
            if (parsed.GetValue(path) is { } given)
            {
                var file = Directory.Exists(given) ? Path.Combine(given, "SKILL.md") : given;
                var document = SkillFiles.Check(await File.ReadAllTextAsync(file, cancellation));
                Console.Out.WriteLine($"{file}: the skill '{document.Name}' can be used.");
                return ExitCodes.Ok;
            }

            var set = await catalog.CurrentAsync(cancellation);
            Complain(set.Problems);
            Console.Out.WriteLine($"{set.Skills.Count} {(set.Skills.Count == 1 ? "skill" : "skills")} can be used; {set.Problems.Count} {(set.Problems.Count == 1 ? "problem" : "problems")}.");
            return set.Problems.Count == 0 ? ExitCodes.Ok : ExitCodes.Problems;
        }));
        return command;
    }

    /// <summary>Without the index: a look at the folders writes nothing.</summary>
    private static async Task<int> WithAsync(ParseResult parsed, Func<SkillCatalog, SkillFiles, Task<int>> work)
    {
        var configuration = InstanceConfiguration.Load(CommandLine.Sources(parsed));
        var paths = configuration.Paths;
        await using var catalog = new SkillCatalog(
            paths.Skills, paths.CommonsSkills, configuration.Settings.Agent.Skills.Scope, index: null, TimeProvider.System, NullLogger<SkillCatalog>.Instance);
        using var files = new SkillFiles(catalog);
        try
        {
            return await work(catalog, files);
        }
        catch (Exception e) when (e is SkillException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"protoagent: {e.Message}");
            return ExitCodes.Problems;
        }
    }

    private static async Task<Skill> FindAsync(SkillCatalog catalog, string name, CancellationToken cancellation) =>
        (await catalog.CurrentAsync(cancellation)).Find(name) ?? throw new SkillException("skill_not_found", $"There is no skill '{name}' here. 'protoagent skills list' shows those there are.");

    private static void Complain(IReadOnlyList<SkillProblem> problems)
    {
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"protoagent: {problem}");
        }
    }

    private static string SourceOf(Skill skill) => skill.Source.ToString().ToLowerInvariant();

    internal sealed record Listing(IReadOnlyList<Row> Items, IReadOnlyList<Fault> Problems);

    internal sealed record Row(string Name, string Description, string Source, string File, IReadOnlyList<string> Tools, string? Slash, bool UserOnly)
    {
        public static Row Of(Skill s) => new(s.Name, s.Description, SourceOf(s), s.File, s.Tools, s.Slash, s.UserOnly);
    }

    internal sealed record Fault(string Path, int? Line, string Message);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SkillsCommand.Listing))]
internal sealed partial class SkillsCommandJson : JsonSerializerContext;
