using System.CommandLine;
using System.CommandLine.Parsing;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Stores;

namespace ProtoAgent.Commands;

/// <summary>The command line: parses, dispatches, and turns every refusal into a message on stderr and an exit code.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> s_config = new("--config")
    {
        Description = "Configuration file of this instance (else PROTOAGENT_CONFIG, else ./config.yaml).",
        HelpName = "file",
        Recursive = true,
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "Answer in JSON on stdout.", Recursive = true };

    public static async Task<int> RunAsync(string[] args)
    {
        Terminal.Guard();
        var root = new RootCommand(
            "ProtoAgent: an AI agent server made to be run many times on one box. One process is one instance: one id, one port, its own data.\n"
            + "Give each instance on shared storage its own id: PROTOAGENT_INSTANCE=alice protoagent serve --port 7871")
        {
            ServeCommand.Create(),
            ChatCommand.Create(),
            ApprovalsCommand.Create(),
            KnowledgeCommand.Create(),
            JobsCommand.Create(),
            InboxCommand.Create(),
            ActivityCommand.Create(),
            EventsCommand.Create(),
            MemoryCommand.Create(),
            SkillsCommand.Create(),
            WorkflowsCommand.Create(),
            FleetCommand.Create(),
            PsCommand.Create(),
            PathsCommand.Create(),
            ConfigCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            McpCommand.Create(),
        };

        // Nobody types them here, and a shell would offer them as files.
        var help = root.Options.OfType<System.CommandLine.Help.HelpOption>().Single();
        foreach (var alias in (string[])["/?", "/h", "-?"])
        {
            help.Aliases.Remove(alias);
        }

        root.Options.Add(s_config);
        root.Options.Add(s_json);

        try
        {
            return await ParsedAsync(root, args);
        }
        catch (Exception e) when (Refusal(e) is { } refusal)
        {
            Console.Error.WriteLine($"protoagent: {refusal.Message}");
            return refusal.ExitCode;
        }
        catch (Exception) when (args is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal))
        {
            // A line half typed is nobody's defect: the shell is offered nothing.
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Console.Error.WriteLine($"protoagent: this is a defect of the program, please report it with what follows.\n{e}");
            return ExitCodes.Software;
        }
    }

    public static bool Json(ParseResult parsed) => parsed.GetValue(s_json);

    private static async Task<int> ParsedAsync(RootCommand root, string[] args)
    {
        // '@daily' is a schedule and '@ada' a word to say; neither is the name of a file of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine($"protoagent: {error.Message}");
            }

            Console.Error.WriteLine($"See 'protoagent {Name(parsed.CommandResult)}--help'.");
            return ExitCodes.Usage;
        }

        // Our own handling of signals and exceptions: a served instance stops gracefully, and says why it was refused.
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>What configuration is made of: the environment, the working directory, <c>--config</c>, and the command's flags.</summary>
    public static ConfigSources Sources(ParseResult parsed, params IEnumerable<(string Key, string? Value)> flags) =>
        ProcessEnvironment.Sources(
            parsed.GetValue(s_config), flags.Where(f => f.Value is not null).ToDictionary(f => f.Key, f => f.Value!, StringComparer.Ordinal));

    private static (string Message, int ExitCode)? Refusal(Exception e) => e switch
    {
        InstanceRefusedException refused => (refused.Message, refused.ExitCode),
        ConfigurationRefusedException refused => (refused.Message, ExitCodes.Configuration),
        StoreException store => (store.Message, ExitCodes.Io),
        _ => null,
    };

    /// <summary>Of a command within a command, both.</summary>
    private static string Name(CommandResult command) => command.Parent is CommandResult outer ? $"{Name(outer)}{command.Command.Name} " : "";
}
