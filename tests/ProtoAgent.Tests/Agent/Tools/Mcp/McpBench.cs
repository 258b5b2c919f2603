using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Tools.Processes;
using ProtoAgent.Tests.Agent.Tools.Processes;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

/// <summary>The servers of one instance, with a clock and a folder of the test's own.</summary>
internal sealed class McpBench : IAsyncDisposable
{
    private readonly Channel<McpServerStatus> _changes = Channel.CreateUnbounded<McpServerStatus>();
    private readonly TempFolder _temp = new();

    public WatchedTime Time { get; } = new();

    public string File => Path.Combine(_temp.Path, "alice", "mcp-servers.json");

    public string Workspace => Path.Combine(_temp.Path, "alice", "workspace");

    public static McpServerOptions Fixture(string name, params string[] arguments) => new(name)
    {
        Command = Programs.McpFixture, Args = arguments, Environment = new Dictionary<string, string> { ["TOKEN"] = "s3cret", ["DOTNET_EnableDiagnostics"] = "0" },
    };

    public McpServers Servers(params IReadOnlyList<McpServerOptions> configured) => new(
        configured,
        new McpHost(
            new ProcessGuard(Programs.Agent),
            new ChildEnvironment("/usr/local/bin:/usr/bin:/bin", "C.UTF-8", Workspace, Path.Combine(_temp.Path, "alice"), "alice"),
            File, "1.0", Time, NullLoggerFactory.Instance),
        status => _changes.Writer.TryWrite(status));

    public McpServers Started(params IReadOnlyList<McpServerOptions> configured)
    {
        var servers = Servers(configured);
        servers.Start();
        return servers;
    }

    /// <summary>Until a server has become what the test waits for.</summary>
    public async Task<McpServerStatus> BecameAsync(Func<McpServerStatus, bool> wanted)
    {
        while (true)
        {
            var status = await _changes.Reader.ReadAsync().AsTask().WaitAsync(Programs.Patience);
            if (wanted(status))
            {
                return status;
            }
        }
    }

    public Task<McpServerStatus> BecameAsync(McpServerState state) => BecameAsync(s => s.State == state);

    public static async Task<string> CallAsync(McpServers servers, string tool, string arguments = "{}", CancellationToken cancellation = default)
    {
        using var json = JsonDocument.Parse(arguments);
        var found = servers.Tools.Single(t => t.Name == tool);
        return (await found.CallAsync(json.RootElement, new ToolCall("t", "u", "c", "test"), cancellation).WaitAsync(Programs.Patience, CancellationToken.None)).Text;
    }

    public ValueTask DisposeAsync()
    {
        _temp.Dispose();
        return default;
    }
}
