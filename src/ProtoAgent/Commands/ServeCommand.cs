using System.CommandLine;
using ProtoAgent.Composition;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent serve</c>: runs the instance until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var port = new Option<string?>("--port") { Description = "Port to listen on; 0 picks a free one and prints it. [default: 7870]", HelpName = "n" };
        var host = new Option<string?>("--host")
        {
            Description = "Address to listen on; beyond loopback a token is needed (A2A_AUTH_TOKEN). [default: 127.0.0.1]", HelpName = "address",
        };
        var command = new Command(
            "serve",
            "Run the instance. Prints one line on stdout when it answers; the log goes to stderr.\n"
            + "Exit codes: 0 stopped, 73 data home not writable, 74 a store can't be opened, 75 port (or an exclusive schedule) held by another, 78 configuration or id refused. "
            + "A refused start writes nothing.")
        {
            port, host,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = InstanceConfiguration.Load(
                CommandLine.Sources(parsed, ("server.port", parsed.GetValue(port)), ("server.host", parsed.GetValue(host))));
            await using var server = await AgentServer.StartAsync(configuration, cancellation);
            Console.Out.WriteLine(CommandLine.Json(parsed) ? ServerReady.Json(server.Instance.Record) : ServerReady.Text(server.Instance.Record));
            await server.WaitForStopAsync();
            return ExitCodes.Ok;
        });
        return command;
    }
}
