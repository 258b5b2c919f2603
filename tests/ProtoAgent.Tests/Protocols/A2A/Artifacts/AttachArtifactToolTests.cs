using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Protocols.A2A.Artifacts;
using ProtoAgent.Protocols.A2A.Types;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.A2A.Artifacts;

public sealed class AttachArtifactToolTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2999-01-01Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly Tasks _tasks = new();
    private readonly string _workspace;
    private readonly ArtifactFiles _kept;
    private readonly TaskResults _results;

    public AttachArtifactToolTests()
    {
        _workspace = Directory.CreateDirectory(Path.Combine(_temp.Path, "workspace")).FullName;
        _kept = new ArtifactFiles(Path.Combine(_temp.Path, "kept"), () => new Uri("https://agents.example/"), _time);
        _results = new TaskResults(new OutgoingFiles(new Workspace(_workspace)), _kept);
        _results.PutOn(_tasks);
    }

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Call_TextAndData_StandOnTheTurnsTask()
    {
        await CallAsync("""{"name":" sum ","text":"all well","description":"short"}""", "c1");
        await CallAsync("""{"name":"numbers","data":{"a":[1]}}""", "c2");
        await CallAsync("""{"name":"again","text":"x"}""", "c2");
        _tasks.Attached.Select(a => (a.Task, a.Artifact.ArtifactId, a.Artifact.Name)).ShouldBe([("t1", "t1/c1", "sum"), ("t1", "t1/c2", "numbers"), ("t1", "t1/c2", "again")]);
        _tasks.Attached[0].Artifact.Parts.Single().ShouldBe(new Part { Text = "all well", MediaType = "text/plain" });
        _tasks.Attached[1].Artifact.Parts.Single().Data.GetRawText().ShouldBe("""{"a":[1]}""");
    }

    [Fact]
    public async Task Call_SmallFile_StandsInTheTask()
    {
        File.WriteAllText(Path.Combine(_workspace, "a.csv"), "1,2");
        await CallAsync("""{"name":"table","path":"a.csv","media_type":"text/csv"}""");
        var part = _tasks.Attached.Single().Artifact.Parts.Single();
        (part.Filename, part.MediaType).ShouldBe(("a.csv", "text/csv"));
        part.Raw.ShouldBe("1,2"u8.ToArray());
    }

    [Fact]
    public async Task Call_LargeFile_IsKeptAsItWasUnderAUrlOfItsOwn()
    {
        var file = Path.Combine(_workspace, "big.bin");
        File.WriteAllBytes(file, new byte[300_000]);
        await CallAsync("""{"name":"big","path":"big.bin"}""");
        var part = _tasks.Attached.Single().Artifact.Parts.Single();
        part.Url!.ShouldStartWith("https://agents.example/a2a/artifacts/");
        var segments = new Uri(part.Url!).Segments;
        File.WriteAllText(file, "changed");
        using (var content = _kept.Find(segments[^2].TrimEnd('/'), segments[^1])!.Value.Content)
        {
            content.Length.ShouldBe(300_000);
        }

        _kept.Find("../kept", segments[^1]).ShouldBeNull();
        _kept.Find(new string('a', 32), segments[^1]).ShouldBeNull();
        _kept.Prune(TimeSpan.FromDays(400_000));
        _kept.Find(segments[^2].TrimEnd('/'), segments[^1])!.Value.Content.Dispose();
        _kept.Prune(TimeSpan.FromDays(30));
        _kept.Find(segments[^2].TrimEnd('/'), segments[^1]).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "exactly one of text, path and data, and got 0")]
    [InlineData("""{"name":"x","text":"a","path":"b"}""", "and got 2")]
    [InlineData("""{"name":" ","text":"a"}""", "name must have 1 to 200 characters")]
    [InlineData("""{"name":"x","path":"../../etc/passwd"}""", "etc/passwd")]
    [InlineData("""{"name":"x","path":"not-there"}""", "not-there")]
    public async Task Call_NothingThatCanBeAttached_SaysWhy(string arguments, string expected)
    {
        (await Should.ThrowAsync<ToolException>(CallAsync(arguments))).Message.ShouldContain(expected);
        _tasks.Attached.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_TaskIsNotOpen_SaysWhereToPutIt()
    {
        _tasks.IsOpen = false;
        (await Should.ThrowAsync<ToolException>(CallAsync("""{"name":"x","text":"a"}"""))).Message.ShouldContain("Put it into your answer");
    }

    private async Task<ToolResult> CallAsync(string arguments, string callId = "c1")
    {
        using var given = JsonDocument.Parse(arguments);
        return await _results.Tools.Single().CallAsync(given.RootElement.Clone(), new ToolCall("thread", "t1", callId, "a2a"), default);
    }

    private sealed class Tasks : ITaskArtifacts
    {
        public bool IsOpen { get; set; } = true;

        public List<(string Task, Artifact Artifact)> Attached { get; } = [];

        public Task<bool> AttachAsync(string taskId, Artifact artifact)
        {
            if (IsOpen)
            {
                Attached.Add((taskId, artifact));
            }

            return Task.FromResult(IsOpen);
        }
    }
}
