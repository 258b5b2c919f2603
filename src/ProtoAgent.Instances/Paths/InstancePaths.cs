using ProtoAgent.Instances.Identity;

namespace ProtoAgent.Instances.Paths;

/// <summary>
/// Where everything of one instance lies. One rule places every store: the id goes in front of the leaf. Unscoped, the
/// leaf lies plainly in the data home, exactly where it always did. No code below builds a path by hand.
/// </summary>
public sealed class InstancePaths
{
    private const string FromTable = "the path table";

    private readonly List<StorePath> _all = [];

    private InstancePaths(InstanceIdentity identity, AgentName agentName, DataHome dataHome)
    {
        Identity = identity;
        AgentName = agentName;
        DataHome = dataHome;
        Root = identity.Id is { } id ? Path.Combine(dataHome.Path, id.Value) : dataHome.Path;
    }

    public InstanceIdentity Identity { get; }

    public AgentName AgentName { get; }

    public DataHome DataHome { get; }

    /// <summary>The instance's own folder: the data home itself when unscoped.</summary>
    public string Root { get; }

    public string Checkpoints { get; private set; } = "";

    public string Knowledge { get; private set; } = "";

    public string SkillsIndex { get; private set; } = "";

    public string Skills { get; private set; } = "";

    public string Workflows { get; private set; } = "";

    public string WorkflowRuns { get; private set; } = "";

    public string Memory { get; private set; } = "";

    public string MemoryInjections { get; private set; } = "";

    public string Jobs { get; private set; } = "";

    public string Inbox { get; private set; } = "";

    public string Activity { get; private set; } = "";

    public string Audit { get; private set; } = "";

    public string Telemetry { get; private set; } = "";

    public string A2ATasks { get; private set; } = "";

    public string A2APush { get; private set; } = "";

    public string Workspace { get; private set; } = "";

    /// <summary>The marker that says whose root this is.</summary>
    public string Marker => Path.Combine(Root, ".instance.json");

    public string ConfigFile => Path.Combine(Root, "config.yaml");

    public string SecretsFile => Path.Combine(Root, "secrets.yaml");

    public string BoxConfigFile => Path.Combine(DataHome.Path, "config.yaml");

    public string BoxSecretsFile => Path.Combine(DataHome.Path, "secrets.yaml");

    /// <summary>The box registry: one file for each live instance.</summary>
    public string Registry => RegistryOf(DataHome);

    /// <summary>What instances of the box share, where one is told to. No instance can meet it: its name is refused as an id and as an agent's.</summary>
    public string Commons => Path.Combine(DataHome.Path, "commons");

    /// <summary>The skills of the box; see <c>skills.scope</c>.</summary>
    public string CommonsSkills => Path.Combine(Commons, "skills");

    /// <summary>The table, in its order.</summary>
    public IReadOnlyList<StorePath> All => _all;

    public static string RegistryOf(DataHome home) => Path.Combine(home.Path, ".instances");

    /// <exception cref="InstanceRefusedException">Two stores would share a file, or one's file would be another's folder.</exception>
    public static InstancePaths Resolve(InstanceIdentity identity, AgentName agentName, DataHome dataHome, PathOverrides? overrides = null)
    {
        var paths = new InstancePaths(identity, agentName, dataHome);
        paths.Fill(overrides ?? new PathOverrides());
        paths.RefuseOverlaps();
        return paths;
    }

    /// <summary>The place of anything new: <c>&lt;leaf&gt;</c> unscoped, <c>&lt;id&gt;/&lt;leaf&gt;</c> scoped.</summary>
    public string Leaf(string leaf) => Path.Combine(Root, leaf);

    private void Fill(PathOverrides overrides)
    {
        var agent = AgentName.Value;
        Checkpoints = Add("checkpoints", Scoped("checkpoints.db"));
        Knowledge = Add("knowledge", Scoped("knowledge/agent.db", overrides.Knowledge));
        SkillsIndex = Add("skills", Scoped("skills.db"));
        Skills = Add("skills_dir", Scoped("skills"), isFolder: true);
        Workflows = Add("workflows", Scoped("workflows"), isFolder: true);
        WorkflowRuns = Add("workflow_runs", Scoped("workflow-runs.db"));
        Memory = Add("memory", Scoped("memory", overrides.Memory), isFolder: true);
        MemoryInjections = Add("memory_injections", Scoped("memory-injections.db"));

        // Two segments behind the id: the agent's folder is the leaf, jobs.db lies in it.
        var schedulerHome = overrides.Scheduler is { } moved ? moved with { Path = Path.Combine(moved.Path, agent) } : null;
        var scheduler = Scoped($"scheduler/{agent}", schedulerHome);
        Jobs = Add("jobs", (Path.Combine(scheduler.Path, "jobs.db"), scheduler.Reason));

        Inbox = Add("inbox", Scoped($"inbox/{agent}.db"));
        Activity = Add("activity", Scoped($"activity/{agent}.db"));
        Audit = Add("audit", Scoped("audit/audit.jsonl"));
        Telemetry = Add("telemetry", Scoped("telemetry.db"));
        A2ATasks = Add("a2a_tasks", Scoped("a2a-tasks.db"));
        A2APush = Add("a2a_push", Scoped("a2a-push.db"));
        Workspace = Add("workspace", Scoped("workspace"), isFolder: true);
    }

    private string Add(string store, (string Path, string Reason) placed, bool isFolder = false)
    {
        _all.Add(new StorePath(store, placed.Path, isFolder, placed.Reason, IsMoved: placed.Reason != FromTable));
        return placed.Path;
    }

    /// <summary>The one rule, for a place in the data home and for a place the user gave alike.</summary>
    private (string Path, string Reason) Scoped(string plain, PathOverride? moved = null)
    {
        var full = moved is null ? Path.Combine(DataHome.Path, plain) : Path.GetFullPath(moved.Path);
        full = Path.TrimEndingDirectorySeparator(full);
        var reason = moved?.Origin ?? FromTable;
        if (Identity.Id is not { } id)
        {
            return (full, reason);
        }

        var folder = Path.GetDirectoryName(full) ?? throw new InstanceRefusedException(
            "path_override_invalid", $"{reason} is '{full}', which has no folder to put the instance in. Give a path below a folder.");
        return (Path.Combine(folder, id.Value, Path.GetFileName(full)), reason);
    }

    private void RefuseOverlaps()
    {
        foreach (var store in _all)
        {
            if (Meets(store.Path, Commons) || Meets(Commons, store.Path))
            {
                throw new InstanceRefusedException(
                    "path_override_invalid",
                    $"The store '{store.Store}' ({store.Path}) would lie where the instances of the box share things ({Commons}), because of {store.Reason}. Give it a place of its own, outside the data home.");
            }

            foreach (var other in _all.Where(o => !ReferenceEquals(o, store)))
            {
                if (Meets(other.Path, store.Path))
                {
                    var moved = store.IsMoved ? store : other;
                    throw new InstanceRefusedException(
                        "path_override_invalid",
                        $"The stores '{store.Store}' ({store.Path}) and '{other.Store}' ({other.Path}) would meet, because of {moved.Reason}. "
                        + "Give it a place of its own, outside the data home.");
                }
            }
        }
    }

    /// <summary>The path is the other, or lies in it.</summary>
    private static bool Meets(string path, string other) => path == other || path.StartsWith(other + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
