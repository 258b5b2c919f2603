using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>
/// The MCP servers this instance calls: those of configuration, and those the operator API added. Each lives by itself; a server
/// that is not there is no error of the instance's.
/// </summary>
public sealed partial class McpServers : IToolSource, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, McpServer> _servers = new(StringComparer.Ordinal);
    private readonly McpHost _host;
    private readonly McpServerFile _file;
    private readonly ILogger _log;
    private readonly Action<McpServerStatus>? _changed;

    /// <summary>Kept on disk, and left out as long as configuration has one of the name.</summary>
    private readonly List<McpServerOptions> _shadowed = [];
    private volatile IReadOnlyList<Tool> _tools = [];
    private bool _started;
    private bool _disposed;

    /// <param name="changed">Told what a server is now, after its state or its tools became others. Not to wait in.</param>
    public McpServers(IReadOnlyList<McpServerOptions> configured, McpHost host, Action<McpServerStatus>? changed = null)
    {
        _changed = changed;
        _host = host;
        _file = new McpServerFile(host.ServersFile);
        _log = host.Loggers.CreateLogger<McpServers>();
        foreach (var server in configured)
        {
            _servers.Add(server.Name, Create(server, McpServerOrigin.Config));
        }

        foreach (var server in _file.Read())
        {
            if (!_servers.TryAdd(server.Name, Create(server, McpServerOrigin.Api)))
            {
                _shadowed.Add(server);
                LogShadowed(_log, server.Name, host.ServersFile);
            }
        }
    }

    public IReadOnlyList<Tool> Tools => _tools;

    public Task SettledAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_servers.Values.Select(s => s.Settled));
        }
    }

    /// <summary>Connects them all in the background, and returns at once.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (!_started && !_disposed)
            {
                _started = true;
                foreach (var server in _servers.Values)
                {
                    server.Start();
                }
            }
        }
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<McpServerStatus> List()
    {
        lock (_gate)
        {
            return [.. _servers.Values.Select(s => s.Status())];
        }
    }

    /// <summary>The file that can't be read, and servers of configuration that can't be any.</summary>
    public IReadOnlyList<StandingWarning> Warnings()
    {
        lock (_gate)
        {
            return
            [
                .. _file.Problem is { } problem ? [problem] : Array.Empty<StandingWarning>(),
                .. _servers.Values.Where(s => s.Options.Enabled).Select(s => (s.Name, Refusal: Refusal(s.Options))).Where(s => s.Refusal is not null)
                    .Select(s => new StandingWarning("mcp_server_invalid", $"The MCP server '{s.Name}' is not started: {s.Refusal}", $"Correct mcp.servers.{s.Name} in the configuration and restart the instance.")),
            ];
        }
    }

    /// <summary>Keeps it on disk, then connects it in the background.</summary>
    /// <exception cref="McpServerRefusedException">It can't be a server, there is one of that name, or it can't be kept.</exception>
    public McpServerStatus Add(McpServerOptions options)
    {
        McpServerRules.Check(options);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_servers.TryGetValue(options.Name, out var there))
            {
                throw new McpServerRefusedException(
                    "mcp_server_exists",
                    there.Origin == McpServerOrigin.Config
                        ? $"Configuration has a server '{options.Name}' already. Choose another name."
                        : $"There is a server '{options.Name}' already. Remove it first, or choose another name.",
                    "name");
            }

            _file.Write([.. Added(), options]);
            var server = Create(options, McpServerOrigin.Api);
            _servers.Add(options.Name, server);
            if (_started)
            {
                server.Start();
            }

            return server.Status();
        }
    }

    /// <summary>Forgets it and stops it. Calls that run fail.</summary>
    /// <returns>False when there is none of that name.</returns>
    /// <exception cref="McpServerRefusedException">It is configuration's, or the file can't be written.</exception>
    public async Task<bool> RemoveAsync(string name)
    {
        McpServer? server;
        lock (_gate)
        {
            if (!_servers.TryGetValue(name, out server))
            {
                return false;
            }

            if (server.Origin == McpServerOrigin.Config)
            {
                throw new McpServerRefusedException(
                    "mcp_server_configured", $"The server '{name}' comes from configuration: take mcp.servers.{name} out there, or set its 'enabled' to false.", "name");
            }

            _file.Write(Added().Where(s => s.Name != name));
            _servers.Remove(name);
            Collect();
        }

        await server.DisposeAsync();
        return true;
    }

    /// <summary>Stops them all; nothing they started is left.</summary>
    public async ValueTask DisposeAsync()
    {
        IReadOnlyList<McpServer> servers;
        lock (_gate)
        {
            _disposed = true;
            servers = [.. _servers.Values];
        }

        await Task.WhenAll(servers.Select(s => s.DisposeAsync().AsTask()));
    }

    private McpServer Create(McpServerOptions options, McpServerOrigin origin) => new(options, origin, _host, _log, Refusal(options), Tell);

    private static string? Refusal(McpServerOptions options)
    {
        try
        {
            McpServerRules.Check(options);
            return null;
        }
        catch (McpServerRefusedException e)
        {
            return e.Message;
        }
    }

    private IEnumerable<McpServerOptions> Added() => 
        _servers.Values.Where(s => s.Origin == McpServerOrigin.Api).Select(s => s.Options).Concat(_shadowed);

    private void Tell(McpServer server)
    {
        lock (_gate)
        {
            Collect();
        }

        _changed?.Invoke(server.Status());
    }

    private void Collect() => _tools = [.. _servers.Values.SelectMany(s => s.Tools)];

    [LoggerMessage(EventName = "mcp_shadowed", Level = LogLevel.Warning, Message = "MCP server {Server} of {File} is left out: configuration has one of that name")]
    private static partial void LogShadowed(ILogger log, string server, string file);
}
