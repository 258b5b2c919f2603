namespace ProtoAgent.Agent.Tools;

/// <summary>The tools there are now. Sources may change while the instance runs: an MCP server comes and goes.</summary>
/// <param name="sources">Asked at the beginning of each model call. Of two tools of one name the first wins.</param>
public sealed class ToolCatalog(ToolOptions options, IReadOnlyList<IToolSource> sources)
{
    public ToolOptions Options { get; } = options;

    /// <summary>Those the model is offered, by name.</summary>
    public IReadOnlyDictionary<string, Tool> Offered()
    {
        var offered = new SortedDictionary<string, Tool>(StringComparer.Ordinal);
        foreach (var tool in sources.SelectMany(s => s.Tools).Where(IsOffered))
        {
            offered.TryAdd(tool.Name, tool);
        }

        return offered;
    }

    /// <summary>Ends when every source has what it starts with, or is known not to have it.</summary>
    public Task SettledAsync() => Task.WhenAll(sources.Select(s => s.SettledAsync()));

    /// <summary>Every tool, offered or not, for people to look at.</summary>
    public IReadOnlyList<Tool> All() => [.. sources.SelectMany(s => s.Tools).DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal)];

    public bool IsOffered(Tool tool) => WhyNotOffered(tool) is null;

    /// <summary><c>disabled</c> (by <c>tools.disable</c>) or <c>not_enabled</c> (off unless <c>tools.enable</c> names it); null when it is offered.</summary>
    public string? WhyNotOffered(Tool tool) =>
        ToolOptions.Matches(Options.Disable, tool.Name) ? "disabled"
        : tool.Traits.HasFlag(ToolTraits.OffByDefault) && !ToolOptions.Matches(Options.Enable, tool.Name) ? "not_enabled"
        : null;

    public bool NeedsApproval(Tool tool) =>
        ToolOptions.Matches(Options.RequireApproval, tool.Name)
        || (tool.Traits.HasFlag(ToolTraits.NeedsApproval) && !ToolOptions.Matches(Options.WaiveApproval, tool.Name));
}

/// <summary>Where tools come from.</summary>
public interface IToolSource
{
    /// <summary>Those it has now. Cheap: asked at each model call.</summary>
    IReadOnlyList<Tool> Tools { get; }

    /// <summary>Ends when it has what it starts with, or is known not to have it.</summary>
    Task SettledAsync() => Task.CompletedTask;
}

/// <summary>Tools that are simply there.</summary>
public sealed class BuiltInTools(params IReadOnlyList<Tool> tools) : IToolSource
{
    public IReadOnlyList<Tool> Tools { get; } = tools;
}
