namespace ProtoAgent.Agent.Tools.Processes;

/// <summary>What a program started for the agent is told of the world. Nothing else of this process's environment reaches it.</summary>
/// <param name="SearchPath"><c>PATH</c>.</param>
/// <param name="Language"><c>LANG</c>.</param>
/// <param name="Workspace">Its working directory and <c>HOME</c>.</param>
/// <param name="Root">The instance's root.</param>
/// <param name="Instance">Null when unscoped.</param>
public sealed record ChildEnvironment(string SearchPath, string Language, string Workspace, string Root, string? Instance)
{
    public const string InstanceVariable = "PROTOAGENT_INSTANCE";
    public const string RootVariable = "PROTOAGENT_ROOT";

    /// <summary>Of temporary files: in the workspace, so that instances don't meet in <c>/tmp</c>.</summary>
    public string Temporary => Path.Combine(Workspace, ".tmp");

    /// <summary>For a command of the model's.</summary>
    public Dictionary<string, string> ForCommand()
    {
        var variables = Common();
        variables["TMPDIR"] = Temporary;
        return variables;
    }

    /// <summary>For an MCP server. Configuration may set any variable but those that say which instance this is.</summary>
    public Dictionary<string, string> ForServer(IReadOnlyDictionary<string, string> configured)
    {
        var variables = Common();
        foreach (var (name, value) in configured.Where(v => v.Key is not InstanceVariable))
        {
            variables[name] = value;
        }

        variables[RootVariable] = Root;
        return variables;
    }

    private Dictionary<string, string> Common()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = SearchPath, ["HOME"] = Workspace, ["LANG"] = Language };
        if (Instance is not null)
        {
            variables[InstanceVariable] = Instance;
        }

        return variables;
    }
}
