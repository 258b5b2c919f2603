using System.CommandLine;
using System.Text.Json;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent config explain</c>: each setting's value and the layer it came from.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Also the settings that stand at their default." };
        var explain = new Command("explain", "Show each setting's value and where it came from. Secrets are masked.") { all };
        explain.SetAction(parsed =>
        {
            var configuration = InstanceConfiguration.Load(CommandLine.Sources(parsed));
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(
                    new Answer(configuration.Identity.Id?.Value, configuration.Files, configuration.Entries), CommandJson.Default.ConfigAnswer));
                return;
            }

            var shown = configuration.Entries.Where(e => parsed.GetValue(all) || e.Layer != ConfigLayer.Default).ToList();
            TextTable.Write(Console.Out, ["KEY", "VALUE", "FROM"], shown.Select(e => new[] { e.Key, e.Value ?? "-", e.Origin }));
            if (!parsed.GetValue(all))
            {
                Console.Out.WriteLine();
                Console.Out.WriteLine($"{configuration.Entries.Count - shown.Count} more stand at their default: --all shows them.");
            }

            foreach (var file in configuration.Files)
            {
                Console.Out.WriteLine($"{(file.Read ? "read" : "absent"),-7} {file.Path}");
            }
        });
        return new Command("config", "Look at the configuration.") { explain };
    }

    internal sealed record Answer(string? Instance, IReadOnlyList<ConfigFile> Files, IReadOnlyList<ConfigEntry> Items);
}
