using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Network;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Calculator;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Tools.Processes;
using ProtoAgent.Agent.Tools.Time;
using ProtoAgent.Agent.Tools.Web;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>The tools of an instance, and what they stand on.</summary>
internal sealed class ToolParts : IAsyncDisposable
{
    /// <summary>The running program itself, even when the file it came from has been replaced.</summary>
    private const string Self = "/proc/self/exe";

    private static readonly TimeSpan s_keepResults = TimeSpan.FromDays(30);

    private readonly FencedClient _web;
    private readonly HttpClient? _search;
    private readonly SubagentTools _subagents;
    private readonly ResultOverflow _overflow;

    /// <param name="turns">Asked late: the runner needs the tools before it is.</param>
    /// <param name="others">Tools of other parts.</param>
    public ToolParts(
        InstanceConfiguration configuration, CheckpointStore checkpoints, Func<TurnRunner> turns, IReadOnlyList<Tool> others, EventBus events, TimeProvider time, ILoggerFactory loggers)
    {
        var agent = configuration.Settings.Agent;
        var workspace = new Workspace(configuration.Paths.Workspace);
        _web = new FencedClient(new NetworkFence(agent.Network), time);
        _subagents = new SubagentTools(agent.Subagents, agent.SubagentConcurrency, checkpoints, turns);
        _overflow = new ResultOverflow(workspace, agent.Tools, time, loggers.CreateLogger<ResultOverflow>());
        var guard = new ProcessGuard(Self);
        var paths = configuration.Paths;
        var surroundings = new ChildEnvironment(configuration.SearchPath, configuration.Language, paths.Workspace, paths.Root, paths.Identity.Id?.Value);
        Mcp = new McpServers(agent.McpServers, new McpHost(guard, surroundings, paths.Leaf("mcp-servers.json"), Product.Version, time, loggers), new McpNews(events).Changed);
        var tools = new List<Tool>
        {
            new CurrentTimeTool(time),
            new CalculatorTool(),
            new FetchUrlTool(_web),
            new AskHuman(),
            new RunCommandTool(guard, surroundings, time),
            new ShowConfigTool(() => [.. configuration.Entries.Select(e => (e.Key, e.Value, e.Origin))]),
        };
        tools.AddRange(FileTools.For(workspace, agent.Tools, time));
        tools.AddRange(others);
        if (agent.WebSearch is { } endpoint)
        {
            _search = new HttpClient();
            tools.Add(new WebSearchTool(new SearxngSearch(endpoint, _search, time)));
        }

        Catalog = new ToolCatalog(agent.Tools, [new BuiltInTools([.. tools]), _subagents, Mcp]);
    }

    public ToolCatalog Catalog { get; }

    public McpServers Mcp { get; }

    /// <summary>A long result as the model is shown it; all of it is kept in the workspace.</summary>
    public ValueTask<string> KeepAsync(string text, ToolCall call, CancellationToken cancelled) =>
        ValueTask.FromResult(_overflow.Fit(new ToolResult(text), call).Text);

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start()
    {
        Mcp.Start();
        _ = Task.Run(() => _overflow.Prune(s_keepResults));
    }

    public async ValueTask DisposeAsync()
    {
        await Mcp.DisposeAsync();
        _subagents.Dispose();
        _web.Dispose();
        _search?.Dispose();
    }
}
