using System.CommandLine;
using System.Text;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent mcp</c>: the running instance for a client that speaks MCP over standard input and output.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command(
            "mcp",
            "Be the MCP server of the running instance for a client that starts its servers itself: messages on stdin and stdout, one a line, "
            + "are passed to the instance's /mcp and back. Ends when stdin does. Exit code: 0.")
        {
            url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = InstanceConfiguration.Load(CommandLine.Sources(parsed));
            using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
            await using var upstream = new McpUpstream(
                complain => ChatTarget.Find(configuration, parsed.GetValue(url), complain), new McpOutput(output), TimeProvider.System);
            await new McpBridge(upstream, input, TimeProvider.System).RunAsync(cancellation);
            return ExitCodes.Ok;
        });
        return command;
    }
}
