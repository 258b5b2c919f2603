using System.Net.ServerSentEvents;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Protocols.Mcp;
using Shouldly;
using Xunit;

#pragma warning disable MCP9006 // What is kept for clients of sessions is of the revisions that have them.

namespace ProtoAgent.Tests.Protocols.Mcp;

/// <summary>What is kept of streams for who comes back to one.</summary>
public sealed class McpStreamsTests
{
    private readonly McpStreams _streams = new();

    [Fact]
    public async Task Reader_ComesBack_GetsWhatItMissedAndWhatComes()
    {
        var writer = await OpenAsync("s", "1");
        var ids = await WriteAsync(writer, 3);
        var reader = (await _streams.GetStreamReaderAsync(ids[0])).ShouldNotBeNull();
        (reader.SessionId, reader.StreamId).ShouldBe(("s", "1"));
        await using var events = reader.ReadEventsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        foreach (var id in ids.Skip(1))
        {
            (await events.MoveNextAsync()).ShouldBeTrue();
            events.Current.EventId.ShouldBe(id);
        }

        var next = events.MoveNextAsync();
        next.IsCompleted.ShouldBeFalse();
        var more = await WriteAsync(writer, 1);
        (await next).ShouldBeTrue();
        events.Current.EventId.ShouldBe(more[0]);
        await writer.DisposeAsync();
        (await events.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Reader_SawWhatIsNotKeptAnyMore_IsTold()
    {
        var ids = await WriteAsync(await OpenAsync("s", "1"), 300);
        (await _streams.GetStreamReaderAsync(ids[0])).ShouldBeNull();
        (await _streams.GetStreamReaderAsync(ids[^200])).ShouldNotBeNull();
    }

    [Fact]
    public async Task Streams_ThatEnded_AreForgottenBeforeThoseThatHaveNot()
    {
        var open = await WriteAsync(await OpenAsync("s", "open"), 1);
        var ended = await OpenAsync("s", "ended");
        var gone = await WriteAsync(ended, 256);
        await ended.DisposeAsync();
        await OpenAsync("s", "another");
        (await _streams.GetStreamReaderAsync(gone[^1])).ShouldBeNull();
        (await _streams.GetStreamReaderAsync(open[0])).ShouldNotBeNull();
    }

    [Fact]
    public async Task Session_IsOver_NothingIsLeftAndReadersEnd()
    {
        var ids = await WriteAsync(await OpenAsync("s", "1"), 1);
        var reader = (await _streams.GetStreamReaderAsync(ids[0])).ShouldNotBeNull();
        await using var events = reader.ReadEventsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        var next = events.MoveNextAsync();
        _streams.Forget("s");
        (await next).ShouldBeFalse();
        (await _streams.GetStreamReaderAsync(ids[0])).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("s.31")]
    [InlineData("s.31.x")]
    [InlineData("s.3.1")]
    [InlineData("s.zz.1")]
    [InlineData("other.31.1")]
    [InlineData("s.32.1")]
    public async Task Reader_WithAnIdThatIsNone_GetsNothing(string id)
    {
        await WriteAsync(await OpenAsync("s", "1"), 1);
        (await _streams.GetStreamReaderAsync(id)).ShouldBeNull();
    }

    private async Task<ISseEventStreamWriter> OpenAsync(string session, string stream) =>
        await _streams.CreateStreamAsync(new SseEventStreamOptions { SessionId = session, StreamId = stream });

    private static async Task<List<string>> WriteAsync(ISseEventStreamWriter writer, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add((await writer.WriteEventAsync(new SseItem<JsonRpcMessage?>(new JsonRpcNotification { Method = "n" }, "message"))).EventId!);
        }

        return ids;
    }
}
