using System.CommandLine;
using System.Text.Json;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent paths</c>: every resolved path and why it lies there.</summary>
internal static class PathsCommand
{
    public static Command Create()
    {
        var command = new Command("paths", "Show where this instance keeps everything, and why there. Opens and writes nothing.");
        command.SetAction(parsed =>
        {
            var configuration = InstanceConfiguration.Load(CommandLine.Sources(parsed));
            var answer = Answer.Of(configuration.Paths);
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(answer, CommandJson.Default.PathsAnswer));
                return;
            }

            var paths = configuration.Paths;
            Console.Out.WriteLine($"instance   {paths.Identity.Display}  (from {paths.Identity.Origin})");
            Console.Out.WriteLine($"data home  {paths.DataHome.Path}  ({paths.DataHome.Reason})");
            Console.Out.WriteLine();
            TextTable.Write(Console.Out, ["STORE", "PATH", "WHY"], answer.Paths.Select(p => new[] { p.Store, p.Path, p.Reason }));
        });
        return command;
    }

    internal sealed record Answer(
        string? Instance, string Source, string Origin, string AgentName, string DataHome, string DataHomeReason, string Root, IReadOnlyList<Item> Paths)
    {
        public static Answer Of(InstancePaths paths) => new(
            paths.Identity.Id?.Value,
            paths.Identity.SourceName,
            paths.Identity.Origin,
            paths.AgentName.Value,
            paths.DataHome.Path,
            paths.DataHome.Reason,
            paths.Root,
            [
                .. paths.All.Select(p => new Item(p.Store, p.Path, p.IsFolder ? "folder" : "file", p.Reason)),
                new("config", paths.ConfigFile, "file", "the instance's root"),
                new("secrets", paths.SecretsFile, "file", "the instance's root"),
                new("marker", paths.Marker, "file", "the instance's root"),
                new("box_config", paths.BoxConfigFile, "file", "the data home, for every instance of the box"),
                new("box_secrets", paths.BoxSecretsFile, "file", "the data home, for every instance of the box"),
                new("commons_skills", paths.CommonsSkills, "folder", "the data home, for the instances that share skills (skills.scope)"),
                new("registry", paths.Registry, "folder", "the data home, for every instance of the box"),
            ]);
    }

    /// <param name="Kind"><c>file</c> or <c>folder</c>.</param>
    internal sealed record Item(string Store, string Path, string Kind, string Reason);
}
