using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ProtoAgent.Agent.Tools.Processes;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>The program of a server that speaks over its standard streams, below a guard.</summary>
internal sealed partial class McpProcess : IAsyncDisposable
{
    /// <summary>Bytes of one line on standard error.</summary>
    private const int LongestLine = 2_000;

    /// <summary>What a program that was told nothing more comes gets to end by itself, as the protocol asks.</summary>
    private static readonly TimeSpan s_manners = TimeSpan.FromSeconds(1);

    private readonly GuardedProcess _process;
    private readonly Task _errors;
    private volatile string? _lastLine;

    private McpProcess(GuardedProcess process, string server, ILogger log)
    {
        _process = process;
        Transport = new StreamClientTransport(process.Input, new MessageLimit(process.Output, MessageLimit.Longest, isLines: true));
        _errors = ReadErrorsAsync(server, log);
    }

    public IClientTransport Transport { get; }

    public Task<int> Exited => _process.Exited;

    /// <exception cref="ProcessStartException"/>
    /// <exception cref="IOException">The workspace can't be made.</exception>
    public static McpProcess Start(McpServerOptions server, McpHost host, ILogger log)
    {
        AtomicFile.CreateFolder(host.Environment.Workspace);
        var start = new GuardedStart(server.Command!, server.Args, host.Environment.Workspace, host.Environment.ForServer(server.Environment));
        return new McpProcess(host.Guard.Start(start), server.Name, log);
    }

    /// <summary>How it ended; to be asked once it has.</summary>
    public async Task<string> LastWordsAsync()
    {
        var code = await Exited;
        await _errors;
        return $"the program ended with exit code {code}{(_lastLine is { } line ? $"; it last said: {line}" : "")}";
    }

    public async ValueTask DisposeAsync()
    {
        await _process.Input.DisposeAsync();
        await Task.WhenAny(Exited, Task.Delay(s_manners, CancellationToken.None));
        await _process.DisposeAsync();
        await _errors;
    }

    private async Task ReadErrorsAsync(string server, ILogger log)
    {
        try
        {
            await foreach (var line in BoundedLines.ReadAsync(_process.Error, LongestLine))
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    _lastLine = line;
                    LogSaid(log, server, line);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed on our side.
        }
    }

    [LoggerMessage(EventName = "mcp_stderr", Level = LogLevel.Debug, Message = "MCP server {Server} says: {Line}")]
    private static partial void LogSaid(ILogger log, string server, string line);
}
