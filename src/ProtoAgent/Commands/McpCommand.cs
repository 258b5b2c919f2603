using System.CommandLine;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent mcp</c>: the running instance's MCP server over standard input and output, for clients that start programs.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command(
            "mcp",
            "Speak MCP over stdin and stdout for the running instance: for desktop clients, which start programs instead of calling addresses.\n"
            + "Messages pass through as they are; when the instance is started again the next one reaches it. Ends with its input.\n" + InstanceCall.Codes)
        {
            url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            // Looked for anew each time: an instance that was started again may be at another port, and one that wasn't running may be by then.
            ChatTarget? Find() => ChatTarget.Find(InstanceConfiguration.Load(CommandLine.Sources(parsed)), parsed.GetValue(url));
            using var bridge = new McpBridge(Find, Console.OpenStandardInput(), Console.OpenStandardOutput());
            await bridge.RunAsync(cancellation);
            return ExitCodes.Ok;
        });
        return command;
    }
}
