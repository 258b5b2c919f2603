using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Tools.Processes;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>What servers are run with.</summary>
/// <param name="ServersFile">Where those that the operator API adds are kept: the instance's <c>mcp-servers.json</c>.</param>
/// <param name="Version">The program's, told to servers.</param>
public sealed record McpHost(ProcessGuard Guard, ChildEnvironment Environment, string ServersFile, string Version, TimeProvider Time, ILoggerFactory Loggers);
