using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Architecture;

/// <summary>What neither a project border nor a name can hold.</summary>
public sealed class LayoutTests
{
    private const int MaxLines = 400;

    /// <summary>A folder on the left may not import one on the right. The reason stands beside each.</summary>
    public static TheoryData<string, string, string> Forbidden => new()
    {
        { "ProtoAgent.Instances.Identity", "ProtoAgent.Instances.Paths", "who I am is decided before where my data is" },
        { "ProtoAgent.Instances.Identity", "ProtoAgent.Instances.Ownership", "who I am is decided before what I own" },
        { "ProtoAgent.Instances.Paths", "ProtoAgent.Instances.Ownership", "a path does not depend on who holds it" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Checkpoints", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Telemetry", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Audit", "ProtoAgent.Stores.Sqlite", "what happened is written down also where no database can be" },
        { "ProtoAgent.Agent.Records", "ProtoAgent.Agent.Turns", "a record tells of a turn; it does not run one" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Jobs", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Inbox", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Activity", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Agent.Turns", "ProtoAgent.Agent.Inbox", "there is one turn runner, and it knows none of those who ask it" },
        { "ProtoAgent.Agent.Turns", "ProtoAgent.Agent.Activity", "there is one turn runner, and it knows none of those who ask it" },
        { "ProtoAgent.Agent.Activity", "ProtoAgent.Agent.Inbox", "the activity is told by those who act, and knows none of them" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Skills", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Agent.Skills", "ProtoAgent.Agent.Turns", "a skill is read and told; who runs turns asks for it" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Workflows", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Workflows", "ProtoAgent.Stores.Checkpoints", "stores are siblings: the agent alone joins a run and its turns" },
        { "ProtoAgent.Agent.Turns", "ProtoAgent.Agent.Workflows", "a workflow runs turns; a turn knows nothing of workflows" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Knowledge", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Sqlite", "ProtoAgent.Stores.Memory", "the SQLite layer serves every store and knows none" },
        { "ProtoAgent.Stores.Memory", "ProtoAgent.Stores.Knowledge", "stores are siblings; what is remembered and what is known meet above" },
        { "ProtoAgent.Agent.Turns", "ProtoAgent.Agent.Memory", "there is one turn runner, and it knows none of those who listen to it" },
        { "ProtoAgent.Agent.Knowledge", "ProtoAgent.Agent.Memory", "what is known serves the memory and knows nothing of it" },
        { "ProtoAgent.Agent.Knowledge", "ProtoAgent.Agent.Turns", "what is known is known whether or not a turn runs" },
        { "ProtoAgent.Agent.Models", "ProtoAgent.Agent.Turns", "a model answers; it does not run turns" },
        { "ProtoAgent.Agent.Scheduling", "ProtoAgent.Agent.Tools.Scheduling", "the schedule serves models, people and routes alike and knows none of them" },
        { "ProtoAgent.Agent.Tools.Scheduling", "ProtoAgent.Agent.Turns", "a tool asks the desk; it does not run turns" },
        { "ProtoAgent.Protocols.Http", "ProtoAgent.Protocols.Operator", "what siblings share knows none of them" },
        { "ProtoAgent.Protocols.Http", "ProtoAgent.Protocols.OpenAI", "what siblings share knows none of them" },
        { "ProtoAgent.Protocols.Operator", "ProtoAgent.Protocols.OpenAI", "protocols are siblings" },
        { "ProtoAgent.Protocols.OpenAI", "ProtoAgent.Protocols.Operator", "protocols are siblings" },
        { "ProtoAgent.Configuration", "ProtoAgent.Commands", "configuration is read before a command runs" },
        { "ProtoAgent.Configuration", "ProtoAgent.Composition", "configuration is read before anything is put together" },
        { "ProtoAgent.Composition", "ProtoAgent.Commands", "a server is put together the same whoever starts it" },
    };

    [Fact]
    public void Sources_AreFound() => SourceTree.Sources.Count.ShouldBeGreaterThan(40);

    [Fact]
    public void File_OverTheLimit_None() =>
        SourceTree.Sources.Where(f => f.Lines > MaxLines).Select(f => $"{f.Path}: {f.Lines} lines").ShouldBeEmpty();

    [Fact]
    public void Namespace_OtherThanItsFolder_None() =>
        SourceTree.Sources
            .Where(f => f.Namespace is not null && f.Namespace != f.Folder.Replace('/', '.'))
            .Select(f => $"{f.Path}: {f.Namespace}")
            .ShouldBeEmpty();

    [Fact]
    public void Class_NeitherSealedNorStaticNorAbstract_None() =>
        SourceTree.Sources
            .SelectMany(f => SourceTree.OpenClass().Matches(f.Text).Select(m => $"{f.Path}: {m.Value.Trim()}"))
            .ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Import_OfAForbiddenFolder_None(string from, string forbidden, string reason) =>
        SourceTree.Sources
            .Where(f => f.Namespace == from && f.Imports.Any(i => i == forbidden || i.StartsWith(forbidden + ".", StringComparison.Ordinal)))
            .Select(f => f.Path)
            .ShouldBeEmpty($"{from} must not know {forbidden}: {reason}");
}
