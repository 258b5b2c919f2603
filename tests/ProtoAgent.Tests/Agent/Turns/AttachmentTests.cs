using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Turns;

public sealed class AttachmentTests : IAsyncLifetime
{
    private static readonly byte[] s_picture = [1, 2, 3, 250];

    private readonly TurnFixture _fixture = new();

    public async ValueTask InitializeAsync() => await _fixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Start_WithAPicture_ShowsItToTheModelAndKeepsItOverARestart()
    {
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "what is it", ThreadId = "t", Attachments = [Attachment.Of("image/png", s_picture, "a.png") with { Detail = "low" }] });
        var asked = await _fixture.Model.NextAsync();
        asked.Messages[^1].Text.ShouldBe("what is it");
        var shown = asked.Messages[^1].Contents.OfType<DataContent>().Single();
        (shown.MediaType, shown.AdditionalProperties!["detail"]).ShouldBe(("image/png", "low"));
        shown.Data.ToArray().ShouldBe(s_picture);
        asked.Answer("a dot");
        await turn.Completion;

        await _fixture.CrashAsync();
        _fixture.Send("and its colour");
        var again = await _fixture.Model.NextAsync();
        again.Messages.SelectMany(m => m.Contents).OfType<DataContent>().Single().Data.ToArray().ShouldBe(s_picture);
    }

    [Fact]
    public async Task Start_WithAnAddressAlone_PassesItOnAndNeedsNoWords()
    {
        _fixture.Runner.Start(new TurnRequest { Message = "", ThreadId = "t", Attachments = [Attachment.At("image/*", new Uri("https://example.org/a.png"))] });
        var asked = await _fixture.Model.NextAsync();
        asked.Messages[^1].Contents.ShouldHaveSingleItem().ShouldBeOfType<UriContent>().Uri.ShouldBe(new Uri("https://example.org/a.png"));
    }

    [Fact]
    public async Task Start_WithMoreThanMayBeAttached_IsRefusedAndWritesNothing()
    {
        await using var small = new TurnFixture { Options = new TurnOptions { MaxAttachmentBytes = 7 } };
        await small.StartAsync();
        var request = new TurnRequest
        {
            Message = "look", ThreadId = "t", Attachments = [Attachment.Of("image/png", s_picture)], History = [new PriorMessage(false, "before") { Attachments = [Attachment.Of("image/png", s_picture)] }],
        };
        var refused = Should.Throw<TurnRejectedException>(() => small.Runner.Start(request));
        refused.Code.ShouldBe("attachment_too_large");
        refused.Message.ShouldContain("turns.max_attachment_bytes");
        (await small.Store.GetThreadAsync("t")).ShouldBeNull();
    }

    [Fact]
    public async Task ToMarkdown_OfAThreadWithAPicture_NamesItWithoutItsBytes()
    {
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "what is it", ThreadId = "t", Attachments = [Attachment.Of("image/png", s_picture, "a.png")] });
        (await _fixture.Model.NextAsync()).Answer("a dot");
        await turn.Completion;
        var text = ThreadExport.ToMarkdown((await _fixture.Store.GetThreadAsync("t"))!, await _fixture.Store.ReadStepsAsync("t"));
        text.ShouldContain("[a.png, image/png, 4 bytes]");
        text.ShouldNotContain(Convert.ToBase64String(s_picture));
    }
}
