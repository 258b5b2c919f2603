using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Protocols.A2A.Client;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.A2A.Client;

public sealed class DelegateToolTests : IAsyncLifetime
{
    private const string Completed = """{"id":"t1","contextId":"x","status":{"state":"TASK_STATE_COMPLETED"},"artifacts":[{"artifactId":"a","parts":[{"text":"all done"}]}]}""";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _temp = new();
    private readonly WatchedTime _time = new();
    private readonly EventBus _events;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Peers> _made = [];
    private ScriptedPeer _peer = null!;

    public DelegateToolTests() => _events = new EventBus(_time);

    public async ValueTask InitializeAsync() => _peer = await ScriptedPeer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _made.ForEach(p => p.Dispose());
        await _peer.DisposeAsync();
        _stopping.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Call_PeerStreams_AnswersItsPiecesAndTellsHowItGoes()
    {
        using var heard = _events.Subscribe();
        var asked = AskAsync("""{"peer":"BOB","message":"do it","context":"for Ada"}""");
        var call = await _peer.NextAsync();
        (call.Rpc, call.Header("A2A-Version"), call.Header("Authorization")).ShouldBe(("SendStreamingMessage", "1.0", "Bearer secret-token"));
        var message = call.Params["message"]!;
        ((string)message["messageId"]!, (string)message["role"]!, (string)message["parts"]![0]!["text"]!).ShouldBe(("turn/call", "ROLE_USER", "do it\n\nfor Ada"));
        ((int)message["metadata"]!["urn:protoagent:a2a:hops:v1"]!).ShouldBe(1);
        await call.StatusAsync("TASK_STATE_WORKING");
        await call.TellAsync(Piece("lost", append: false));
        await call.TellAsync(Piece("one ", append: false));
        await call.TellAsync(Piece("two", append: true));
        await call.StatusAsync("TASK_STATE_COMPLETED");
        call.End();
        (await asked).Text.ShouldBe("one two");
        _peer.HasMore.ShouldBeFalse();

        var told = new List<string>();
        while (heard.Events.TryRead(out var happened))
        {
            happened.Topic.ShouldBe("peer.task");
            told.Add((string)JsonNode.Parse(happened.Data.Span)!["state"]!);
        }

        told.ShouldBe(["working", "completed"]);
    }

    [Fact]
    public async Task Call_HttpJsonPeerThatDoesNotStream_IsAskedUntilItIsDone()
    {
        await _peer.DisposeAsync();
        _peer = await ScriptedPeer.StartAsync("HTTP+JSON", streams: false);
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        (call.Method, call.Path).ShouldBe(("POST", "/a2a/message:send"));
        ((bool)call.Body!["configuration"]!["returnImmediately"]!).ShouldBeTrue();
        await call.AnswerAsync("""{"task":{"id":"t1","contextId":"x","status":{"state":"TASK_STATE_SUBMITTED"}}}""");
        call = await _peer.NextAsync();
        (call.Method, call.Path).ShouldBe(("GET", "/a2a/tasks/t1?historyLength=0"));
        await call.AnswerAsync("""{"id":"t1","contextId":"x","status":{"state":"TASK_STATE_WORKING"}}""");
        await _time.PassAsync(TimeSpan.FromMilliseconds(250), s_patience);
        await (await _peer.NextAsync()).AnswerAsync(Completed);
        (await asked).Text.ShouldBe("all done");
    }

    [Fact]
    public async Task Call_ConnectionBreaks_IsFollowedByAskingAndNotSentAgain()
    {
        using var heard = _events.Subscribe();
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        await call.StatusAsync("TASK_STATE_WORKING");
        await heard.Events.WaitToReadAsync().AsTask().WaitAsync(s_patience);
        call.Break();
        call = await _peer.NextAsync();
        (call.Rpc, (string)call.Params["id"]!).ShouldBe(("GetTask", "t1"));
        call.Break();
        await _time.PassAsync(TimeSpan.FromMilliseconds(250), s_patience);
        call = await _peer.NextAsync();
        call.Rpc.ShouldBe("GetTask");
        await call.AnswerAsync(Completed);
        (await asked).Text.ShouldBe("all done");
    }

    [Fact]
    public async Task Call_AgainAfterACrash_GoesOnWithTheTaskThatIsThere()
    {
        using var crash = new CancellationTokenSource();
        await _stopping.CancelAsync();
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""", cancelled: crash.Token);
        var call = await _peer.NextAsync();
        await call.StatusAsync("TASK_STATE_WORKING");
        while (Directory.EnumerateFiles(_temp.Path, "*.json", SearchOption.AllDirectories).FirstOrDefault() is null)
        {
            await Task.Yield();
        }

        await crash.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);

        // The instance stopped: the peer was told nothing, and the next one asks it.
        asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        call = await _peer.NextAsync();
        call.Rpc.ShouldBe("GetTask");
        await call.AnswerAsync(Completed);
        (await asked).Text.ShouldBe("all done");
    }

    [Fact]
    public async Task Call_TurnIsCancelled_CancelsTheTask()
    {
        using var cancel = new CancellationTokenSource();
        using var heard = _events.Subscribe();
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""", cancelled: cancel.Token);
        var call = await _peer.NextAsync();
        await call.StatusAsync("TASK_STATE_WORKING");
        await heard.Events.WaitToReadAsync().AsTask().WaitAsync(s_patience);
        await cancel.CancelAsync();
        call = await _peer.NextAsync();
        (call.Rpc, (string)call.Params["id"]!).ShouldBe(("CancelTask", "t1"));
        await call.AnswerAsync("""{"id":"t1","contextId":"x","status":{"state":"TASK_STATE_CANCELED"}}""");
        await Should.ThrowAsync<OperationCanceledException>(asked);
    }

    [Fact]
    public async Task Call_PeerTakesTooLong_SaysHowToLookAgain()
    {
        using var heard = _events.Subscribe();
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        await call.StatusAsync("TASK_STATE_WORKING");
        await heard.Events.WaitToReadAsync().AsTask().WaitAsync(s_patience);
        _time.Advance(TimeSpan.FromMinutes(2));
        (await Should.ThrowAsync<ToolException>(asked)).Message.ShouldContain("'t1' for longer than 120 s. It goes on: call delegate_to with that task_id");

        asked = AskAsync("""{"peer":"bob","task_id":"t1"}""", callId: "later");
        call = await _peer.NextAsync();
        call.Rpc.ShouldBe("GetTask");
        await call.AnswerAsync(Completed);
        (await asked).Text.ShouldBe("all done");
    }

    [Fact]
    public async Task Call_PeerAsks_SaysHowToAnswerAndAnswersTheTask()
    {
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        await call.StatusAsync("TASK_STATE_INPUT_REQUIRED", "Which one?");
        call.End();
        var text = (await asked).Text;
        text.ShouldContain("Which one?");
        text.ShouldContain("call delegate_to with peer 'bob', task_id 't1'");

        asked = AskAsync("""{"peer":"bob","message":"the red one","task_id":"t1"}""", callId: "second");
        call = await _peer.NextAsync();
        ((string)call.Params["message"]!["taskId"]!).ShouldBe("t1");
        await call.TellAsync($$"""{"task":{{Completed}}}""");
        call.End();
        (await asked).Text.ShouldBe("all done");
    }

    [Fact]
    public async Task Call_AnsweredWithAMessage_IsTheAnswer()
    {
        var asked = AskAsync("""{"peer":"bob","message":"hi"}""");
        var call = await _peer.NextAsync();
        await call.TellAsync("""{"message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"text":"hello "},{"data":{"a":1}},{"url":"https://x.example/f","filename":"f"}]}}""");
        call.End();
        (await asked).Text.ShouldBe("hello \n{\"a\":1}\n\n[A file f lies at https://x.example/f]");
    }

    [Theory]
    [InlineData("TASK_STATE_FAILED", "The peer 'bob' failed at the task 't1': no luck")]
    [InlineData("TASK_STATE_REJECTED", "The peer 'bob' refused the task 't1': no luck")]
    [InlineData("TASK_STATE_CANCELED", "The peer 'bob' gave up the task 't1': no luck")]
    public async Task Call_TaskEndsBadly_IsAnError(string state, string expected)
    {
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        await call.StatusAsync(state, "no luck");
        call.End();
        (await Should.ThrowAsync<ToolException>(asked)).Message.ShouldBe(expected);
    }

    [Theory]
    [InlineData(401, "", "does not take the token that is configured")]
    [InlineData(500, "oops", "answered 500")]
    [InlineData(200, "<html>", "does not answer in JSON")]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"bad message"}}""", "refused (-32602): bad message")]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"result":{"task":{}}}""", "what is no answer of A2A")]
    public async Task Call_PeerAnswersAnError_SaysWhat(int status, string body, string expected)
    {
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        await (await _peer.NextAsync()).FailAsync(status, body);
        var said = (await Should.ThrowAsync<ToolException>(asked)).Message;
        said.ShouldContain(expected);
        said.ShouldNotContain("secret-token");
    }

    [Fact]
    public async Task Call_CardNamesAnotherOrigin_IsNotGivenTheToken()
    {
        await using var thief = await ScriptedPeer.StartAsync();
        _peer.Card = ScriptedPeer.CardOf(new Uri(thief.Url, "/a2a"), "JSONRPC", streams: true);
        (await Should.ThrowAsync<ToolException>(AskAsync("""{"peer":"bob","message":"do it"}"""))).Message.ShouldContain("Set a2a.peers.bob.url to the address its card names.");
        thief.HasMore.ShouldBeFalse();
    }

    [Fact]
    public async Task Call_PeerOfAnUnknownVersion_SaysWhatIsSpoken()
    {
        _peer.Card = ScriptedPeer.CardOf(new Uri(_peer.Url, "/a2a"), "JSONRPC", streams: true, version: "0.2.6");
        (await Should.ThrowAsync<ToolException>(AskAsync("""{"peer":"bob","message":"do it"}"""))).Message.ShouldContain("JSONRPC 0.2.6");
    }

    [Fact]
    public async Task Call_PeerSpeaksNoughtPointThree_IsSpokenToSo()
    {
        _peer.Card = JsonNode.Parse($$"""{"name":"bob","description":"","url":"{{new Uri(_peer.Url, "/a2a")}}","protocolVersion":"0.3.0","preferredTransport":"JSONRPC","capabilities":{"streaming":true},"skills":[]}""");
        var asked = AskAsync("""{"peer":"bob","message":"do it"}""");
        var call = await _peer.NextAsync();
        (call.Rpc, call.Header("A2A-Version")).ShouldBe(("message/stream", "0.3"));
        var message = call.Params["message"]!;
        ((string)message["kind"]!, (string)message["role"]!, (string)message["parts"]![0]!["kind"]!, (string)message["parts"]![0]!["text"]!).ShouldBe(("message", "user", "text", "do it"));
        await call.TellAsync("""{"kind":"task","id":"t1","contextId":"x","status":{"state":"submitted"}}""");
        await call.TellAsync("""{"kind":"artifact-update","taskId":"t1","contextId":"x","artifact":{"artifactId":"a","parts":[{"kind":"text","text":"one"},{"kind":"file","file":{"name":"f.txt","mimeType":"text/plain","uri":"https://x.example/f"}}]}}""");
        await call.TellAsync("""{"kind":"status-update","taskId":"t1","contextId":"x","status":{"state":"input-required","message":{"kind":"message","messageId":"m","role":"agent","parts":[{"kind":"text","text":"Which?"}]}},"final":true}""");
        call.End();
        var text = (await asked).Text;
        text.ShouldContain("one");
        text.ShouldContain("[A file f.txt text/plain lies at https://x.example/f]");
        text.ShouldContain("Which?");

        asked = AskAsync("""{"peer":"bob","task_id":"t1"}""", callId: "later");
        call = await _peer.NextAsync();
        call.Rpc.ShouldBe("tasks/get");
        await call.AnswerAsync("""{"kind":"task","id":"t1","contextId":"x","status":{"state":"completed"},"artifacts":[{"artifactId":"a","parts":[{"kind":"data","data":{"n":1}}]}]}""");
        (await asked).Text.ShouldBe("""{"n":1}""");
    }

    [Theory]
    [InlineData("""{"peer":"eve","message":"x"}""", "There is no peer 'eve'. There is: bob.")]
    [InlineData("""{"peer":"bob","message":" "}""", "message is blank")]
    public async Task Call_BadArguments_AreRefused(string arguments, string expected) =>
        (await Should.ThrowAsync<ToolException>(AskAsync(arguments))).Message.ShouldContain(expected);

    [Fact]
    public async Task Call_PassedOnTooOften_IsRefused() =>
        (await Should.ThrowAsync<ToolException>(AskAsync("""{"peer":"bob","message":"x"}""", maxHops: 0))).Message.ShouldContain("Do it yourself");

    [Fact]
    public void Tools_NoPeers_AreNone() => Made([], 3).Tools.ShouldBeEmpty();

    private async Task<ToolResult> AskAsync(string arguments, string callId = "call", int maxHops = 3, CancellationToken cancelled = default)
    {
        var peers = Made([new PeerOptions("bob", _peer.Url) { Token = "secret-token", Timeout = TimeSpan.FromMinutes(2), Description = "helps" }], maxHops);
        using var given = JsonDocument.Parse(arguments);
        return await peers.Tools.Single().CallAsync(given.RootElement.Clone(), new ToolCall("thread", "turn", callId, "operator"), cancelled);
    }

    private Peers Made(IReadOnlyList<PeerOptions> options, int maxHops)
    {
        var peers = new Peers(options, Path.Combine(_temp.Path, "notes"), maxHops, _events, _time, _stopping.Token);
        _made.Add(peers);
        return peers;
    }

    private static string Piece(string text, bool append) =>
        $$$"""{"artifactUpdate":{"taskId":"t1","contextId":"x","append":{{{(append ? "true" : "false")}}},"artifact":{"artifactId":"a","parts":[{"text":"{{{text}}}"}]} } }""";
}
