using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Knowledge;

public sealed class IngestTests : IAsyncDisposable
{
    private readonly KnowledgeBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Start_AMarkdownDocument_IsFoundWithItsHeadingsAndTold()
    {
        var knowledge = await _bench.OpenAsync();
        using var told = _bench.Events.Subscribe();
        var done = await IngestAsync(_bench.Runner(knowledge), Markdown("guide.md", "# Guide\n\nIntro.\n\n## Backups\n\nThe nightly job copies everything."));
        (done.Status, done.ChunksAdded, done.FailedDocuments).ShouldBe((IngestStatus.Done, 2, 0));
        var hit = (await knowledge.SearchAsync("nightly copy", 3, ChunkFilter.Any)).ShouldHaveSingleItem().Chunk;
        (hit.Heading, hit.Source, hit.SourceType, hit.Trust).ShouldBe(("Guide › Backups", "guide.md", "markdown", ChunkTrust.External));

        var topics = new List<BusEvent>();
        while (told.Events.TryRead(out var happened))
        {
            topics.Add(happened);
        }

        topics[^1].Topic.ShouldBe("knowledge.ingest_done");
        topics.ShouldContain(t => t.Topic == "knowledge.ingest_progress");
        ((string)JsonNode.Parse(topics[^1].Data.Span)!["ingest_id"]!).ShouldBe(done.Id);
    }

    [Fact]
    public async Task Start_TheSameAgain_EmbedsAndWritesNothing()
    {
        var knowledge = await _bench.OpenAsync(embeddings: true);
        var runner = _bench.Runner(knowledge);
        await IngestAsync(runner, Markdown("a.md", "# A\n\none\n\n# B\n\ntwo"));
        _bench.Embedded.Count.ShouldBe(2);
        var again = await IngestAsync(runner, Markdown("a.md", "# A\n\none\n\n# B\n\ntwo"));
        (again.Unchanged, again.ChunksAdded).ShouldBe((1, 0));
        _bench.Embedded.Count.ShouldBe(2);
        await IngestAsync(runner, Markdown("a.md", "# A\n\none\n\n# B\n\nthree"));
        _bench.Embedded.Skip(2).ShouldBe(["B\nthree"]);
        (await (await knowledge.StoreAsync()).StatsAsync("small/3")).Embedded.ShouldBe(2);
    }

    [Fact]
    public async Task Start_OneOfSeveralUnreadable_TheOthersComeInAndItIsNamed()
    {
        var knowledge = await _bench.OpenAsync();
        var done = await IngestAsync(_bench.Runner(knowledge), Markdown("a.md", "alpha"), new RawDocument("b.bin", new byte[] { 1, 0, 2 }), Markdown("c.md", "gamma"));
        (done.Status, done.FailedDocuments, done.ChunksAdded).ShouldBe((IngestStatus.Done, 1, 2));
        done.Error!.ShouldStartWith("b.bin: ");
        (await IngestAsync(_bench.Runner(knowledge), new RawDocument("b.bin", new byte[] { 1, 0, 2 }))).Status.ShouldBe(IngestStatus.Failed);
    }

    [Fact]
    public async Task Cancel_WhileVectorsAreMade_LeavesNothingOfTheDocument()
    {
        var knowledge = await _bench.OpenAsync(embeddings: true);
        var runner = _bench.Runner(knowledge);
        var (asked, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _bench.Before = () =>
        {
            asked.TrySetResult();
            return go.Task;
        };
        var work = await runner.StartAsync(Request(Markdown("a.md", "alpha beta")));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        (await runner.GetAsync(work.State.Id))!.Status.ShouldBe(IngestStatus.Running);
        runner.Progress(work.State.Id)!.AllPieces.ShouldBe(1);
        runner.Cancel(work.State.Id).ShouldBeTrue();
        await work.Ended.WaitAsync(TimeSpan.FromSeconds(20));
        go.SetResult();

        work.State.Status.ShouldBe(IngestStatus.Cancelled);
        runner.Cancel(work.State.Id).ShouldBeFalse();
        (await knowledge.SearchAsync("alpha", 3, ChunkFilter.Any)).ShouldBeEmpty();
        (await runner.GetAsync(work.State.Id))!.Status.ShouldBe(IngestStatus.Cancelled);
    }

    [Fact]
    public async Task Dispose_WhileOneRuns_WritesDownThatItWasInterrupted()
    {
        var knowledge = await _bench.OpenAsync(embeddings: true);
        var runner = _bench.Runner(knowledge);
        var asked = new TaskCompletionSource();
        _bench.Before = () =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        var work = await runner.StartAsync(Request(Markdown("a.md", "alpha")));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _bench.Before = () => Task.CompletedTask;
        await runner.DisposeAsync();
        work.State.Status.ShouldBe(IngestStatus.Interrupted);
    }

    [Fact]
    public async Task Get_OfAProcessThatDied_Interrupted()
    {
        var knowledge = await _bench.OpenAsync();
        await (await knowledge.StoreAsync()).PutIngestAsync(new Ingest("i1", "folder", IngestStatus.Running, "dead", _bench.Time.GetUtcNow()) { Documents = 9, DocumentsDone = 4 });
        var seen = (await _bench.Runner(knowledge).GetAsync("i1"))!;
        seen.Status.ShouldBe(IngestStatus.Interrupted);
        seen.Error!.ShouldContain("4 of 9");
        (await _bench.Runner(knowledge, "p2", _ => true).GetAsync("i1"))!.Status.ShouldBe(IngestStatus.Running);
    }

    [Fact]
    public async Task Start_TooLarge_Refused()
    {
        var knowledge = await _bench.OpenAsync(options: new KnowledgeOptions { MaxDocumentBytes = 1024 });
        (await IngestAsync(_bench.Runner(knowledge), Markdown("a.md", new string('x', 2000)))).Error!.ShouldContain("knowledge.max_document_bytes");
    }

    private static RawDocument Markdown(string source, string text) => new(source, Encoding.UTF8.GetBytes(text));

    private static IngestRequest Request(params RawDocument[] documents) => new(documents[0].Source, [.. documents.Select(PendingDocument.Of)]);

    private static async Task<Ingest> IngestAsync(IngestRunner runner, params RawDocument[] documents)
    {
        var work = await runner.StartAsync(Request(documents));
        await work.Ended.WaitAsync(TimeSpan.FromSeconds(20));
        return work.State;
    }
}
