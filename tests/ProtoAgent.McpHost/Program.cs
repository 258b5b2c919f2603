using ProtoAgent.Composition;
using ProtoAgent.Configuration;
using ProtoAgent.McpHost;

// An instance as it is, whose MCP endpoint has what a conformance suite asks for besides: the endpoint and all before it are the program's own.
var configuration = InstanceConfiguration.Load(ProcessEnvironment.Sources(null, new Dictionary<string, string>(StringComparer.Ordinal) { ["server.port"] = "0" }));
await using var server = await AgentServer.StartAsync(configuration, CancellationToken.None, Fixtures.Extend);
Console.Out.WriteLine(ProtoAgent.Commands.ServerReady.Json(server.Instance.Record));
await server.WaitForStopAsync();
