using CsCheck;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Paths;

public sealed class InstancePathsTests
{
    private static readonly DataHome s_home = new("/home/u/.protoagent", "a test");

    /// <summary>What SQLite and we put beside a file.</summary>
    private static readonly string[] s_beside = ["", "-wal", "-shm", "-journal", ".lock", ".owner.json", ".1"];

    public static TheoryData<string?, string, string> Table => new()
    {
        { null, "checkpoints", "checkpoints.db" },
        { null, "knowledge", "knowledge/agent.db" },
        { null, "skills", "skills.db" },
        { null, "skills_dir", "skills" },
        { null, "workflows", "workflows" },
        { null, "workflow_runs", "workflow-runs.db" },
        { null, "memory", "memory" },
        { null, "memory_injections", "memory-injections.db" },
        { null, "jobs", "scheduler/ada/jobs.db" },
        { null, "inbox", "inbox/ada.db" },
        { null, "activity", "activity/ada.db" },
        { null, "audit", "audit/audit.jsonl" },
        { null, "telemetry", "telemetry.db" },
        { null, "a2a_tasks", "a2a-tasks.db" },
        { null, "a2a_push", "a2a-push.db" },
        { null, "workspace", "workspace" },
        { "alice", "checkpoints", "alice/checkpoints.db" },
        { "alice", "knowledge", "knowledge/alice/agent.db" },
        { "alice", "skills", "alice/skills.db" },
        { "alice", "skills_dir", "alice/skills" },
        { "alice", "workflows", "alice/workflows" },
        { "alice", "workflow_runs", "alice/workflow-runs.db" },
        { "alice", "memory", "alice/memory" },
        { "alice", "memory_injections", "alice/memory-injections.db" },
        { "alice", "jobs", "scheduler/alice/ada/jobs.db" },
        { "alice", "inbox", "inbox/alice/ada.db" },
        { "alice", "activity", "activity/alice/ada.db" },
        { "alice", "audit", "audit/alice/audit.jsonl" },
        { "alice", "telemetry", "alice/telemetry.db" },
        { "alice", "a2a_tasks", "alice/a2a-tasks.db" },
        { "alice", "a2a_push", "alice/a2a-push.db" },
        { "alice", "workspace", "alice/workspace" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Resolve_EachStore_WhereTheTableSays(string? id, string store, string expected) =>
        Of(id, "ada").All.Single(p => p.Store == store).Path.ShouldBe($"/home/u/.protoagent/{expected}");

    [Fact]
    public void Leaf_AnythingNew_BehindTheId()
    {
        Of(null, "ada").Leaf("new.db").ShouldBe("/home/u/.protoagent/new.db");
        Of("alice", "ada").Leaf("new.db").ShouldBe("/home/u/.protoagent/alice/new.db");
    }

    /// <summary>The promise itself: no two accepted ids, scoped or not, under any agent names, meet anywhere.</summary>
    [Fact]
    public void Resolve_AnyTwoInstances_ShareNoFileAndNoFileIsTheOthersFolder() =>
        Gen.Select(Names.Any, Names.Any, Names.Any, Names.Any, Gen.Int[0, 2]).Sample(
            (id, agent, otherId, otherAgent, unscoped) =>
            {
                var (first, second) = (unscoped == 1 ? null : id, unscoped == 2 ? null : otherId);
                if (first == second || Resolve(first, agent) is not { } one || Resolve(second, otherAgent) is not { } other)
                {
                    return;
                }

                var (mine, theirs) = (Files(one), Files(other));
                mine.Intersect(theirs).ShouldBeEmpty();
                var folders = theirs.SelectMany(Above).ToHashSet();
                mine.Where(folders.Contains).ShouldBeEmpty("a file may not be another's folder");
                var ownFolders = one.All.Where(p => p.IsFolder).Select(p => p.Path + "/").ToList();
                theirs.ShouldAllBe(f => !ownFolders.Any(folder => f.StartsWith(folder, StringComparison.Ordinal)), "nothing of another lies in a folder a store fills");
            },
            iter: 20_000);

    [Fact]
    public void Resolve_AnyAcceptedNames_NothingOutsideTheDataHome() =>
        Gen.Select(Names.Any, Names.Any).Sample((id, agent) =>
        {
            if (Resolve(id, agent) is { } paths)
            {
                Files(paths).ShouldAllBe(f => Path.GetFullPath(f) == f && f.StartsWith("/home/u/.protoagent/", StringComparison.Ordinal));
                paths.Root.ShouldBe($"/home/u/.protoagent/{id}");
            }
        });

    [Fact]
    public void Resolve_Overrides_ScopedByTheSameRule()
    {
        var overrides = new PathOverrides(new("/d/kb.db", "K"), new("/d/sched", "S"), new("/d/mem/", "M"));
        var plain = Of(null, "ada", overrides);
        (plain.Knowledge, plain.Jobs, plain.Memory).ShouldBe(("/d/kb.db", "/d/sched/ada/jobs.db", "/d/mem"));
        var alice = Of("alice", "ada", overrides);
        (alice.Knowledge, alice.Jobs, alice.Memory).ShouldBe(("/d/alice/kb.db", "/d/sched/alice/ada/jobs.db", "/d/alice/mem"));
        alice.All.Single(p => p.Store == "knowledge").Reason.ShouldBe("K");
    }

    /// <summary>What the box shares belongs to no instance, whatever its id and its agent are called.</summary>
    [Fact]
    public void Commons_OfAnyAcceptedNames_OneFolderNoInstanceIsIn() =>
        Gen.Select(Names.Any, Names.Any, Gen.Bool).Sample((id, agent, isScoped) =>
        {
            if (Resolve(isScoped ? id : null, agent) is { } paths)
            {
                paths.CommonsSkills.ShouldBe("/home/u/.protoagent/commons/skills");
                Files(paths).Append(paths.Root + "/any").Where(f => f.StartsWith(paths.Commons + "/", StringComparison.OrdinalIgnoreCase) || f.Equals(paths.Commons, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
            }
        });

    [Theory]
    [InlineData("commons")]
    [InlineData("Commons")]
    public void Commons_AsAnId_Refused(string id) => Resolve(id, "ada").ShouldBeNull();

    [Theory]
    [InlineData("/home/u/.protoagent/commons/kb.db")]
    [InlineData("/home/u/.protoagent/commons")]
    [InlineData("/home/u/.protoagent/checkpoints.db")]
    [InlineData("/home/u/.protoagent/checkpoints.db/x")]
    [InlineData("/home/u/.protoagent/memory/kb.db")]
    [InlineData("/home/u/.protoagent/workflows")]
    public void Resolve_AnOverrideOntoAnotherStore_Refused(string path)
    {
        var refused = Should.Throw<InstanceRefusedException>(() => Of(null, "ada", new PathOverrides(Knowledge: new(path, "KNOWLEDGE_DB_PATH"))));
        refused.Message.ShouldContain("KNOWLEDGE_DB_PATH");
    }

    private static InstancePaths? Resolve(string? id, string agent)
    {
        try
        {
            return Of(id, agent);
        }
        catch (InstanceRefusedException)
        {
            return null;
        }
    }

    private static InstancePaths Of(string? id, string agent, PathOverrides? overrides = null) => InstancePaths.Resolve(
        new InstanceIdentity(id is null ? null : InstanceId.Parse(id, "a test"), id is null ? InstanceIdSource.None : InstanceIdSource.Environment, "a test"),
        AgentName.Parse(agent, "a test"), s_home, overrides);

    /// <summary>Every file the instance may make, as far as the table goes; a folder stands for a file in it.</summary>
    private static List<string> Files(InstancePaths paths) =>
    [
        .. paths.All.SelectMany(p => p.IsFolder ? [p.Path + "/any"] : s_beside.Select(end => p.Path + end)), paths.Marker, .. paths.Identity.IsScoped ? new[] { paths.ConfigFile, paths.SecretsFile } : [],
    ];

    private static IEnumerable<string> Above(string path)
    {
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }
}
