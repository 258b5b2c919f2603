using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Network;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Push;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.A2A.Push;

public sealed class PushTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TempFolder _temp = new();
    private readonly WatchedTime _time = new();
    private readonly LogList _log = new();
    private readonly ConcurrentDictionary<string, A2ATask> _tasks = new();
    private readonly ConcurrentDictionary<string, IPAddress> _names = new();
    private PushReceiver _receiver = null!;
    private LateStore<A2APushStore> _store = null!;
    private PushOutbox _outbox = null!;
    private PushConfigs _push = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await PushReceiver.StartAsync();
        Open("127.0.0.1");
        _outbox.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _receiver.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Create_WithSecrets_SendsThemAndShowsThemNowhere()
    {
        var made = await _push.CreateAsync(Config("t1", "c1") with { Token = "secret-token", Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "secret-credentials" } }, default);
        _push.Happened("t1", Status("t1", TaskState.Working));

        var call = await _receiver.NextAsync();
        call.Path.ShouldBe("/c1");
        call.Headers["Authorization"].ShouldBe("Bearer secret-credentials");
        call.Headers["X-A2A-Notification-Token"].ShouldBe("secret-token");
        call.Headers["Content-Type"].ShouldBe("application/a2a+json");
        Read(call).StatusUpdate!.Status.State.ShouldBe(TaskState.Working);
        call.Answer(403);
        await _log.UntilAsync("the push notification config c1 of task t1 is not told");

        var shown = new[] { made, (await _push.FindAsync("t1", "c1", default))!, (await _push.ListAsync(new() { TaskId = "t1" }, default)).Configs!.Single() };
        shown.Select(s => (s.Id, s.TaskId, s.Url, s.Token, s.Authentication!.Scheme, s.Authentication.Credentials)).ShouldAllBe(s => s.Item1 == "c1" && s.Item2 == "t1" && s.Item4 == null && s.Item5 == "Bearer" && s.Item6 == null);
        var words = string.Join('\n', _log.Lines.Select(l => l.Text).Concat(_outbox.Warnings().Select(w => $"{w.Code} {w.Message} {w.Remedy}")).Concat(shown.Select(s => s.ToString())));
        words.ShouldContain("'c1'");
        words.ShouldContain("answered 403");
        words.ShouldNotContain("secret-");
    }

    [Fact]
    public async Task Deliver_Failures_AreTriedAgainInOrderWithPausesAndRetryAfter()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        _push.Happened("t1", Status("t1", TaskState.Working));
        _push.Happened("t1", Status("t1", TaskState.InputRequired));
        foreach (var (status, header, pause) in new[] { (500, "", 1), (429, "7", 7), (503, "", 9), (502, "100000", 300) })
        {
            var failed = await _receiver.NextAsync();
            Read(failed).StatusUpdate!.Status.State.ShouldBe(TaskState.Working);
            failed.Answer(status, header.Length > 0 ? [("Retry-After", header)] : []);
            await _time.PassAsync(TimeSpan.FromSeconds(pause), s_patience);
        }

        (await _receiver.NextAsync()).Answer(204);
        var second = await _receiver.NextAsync();
        Read(second).StatusUpdate!.Status.State.ShouldBe(TaskState.InputRequired);
        second.Answer(200);
        _outbox.Warnings().ShouldBeEmpty();
    }

    [Fact]
    public async Task Deliver_NeverTaken_GivesUpWhatCameBeforeTheEndAndTriesThat()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        _push.Happened("t1", Status("t1", TaskState.Working));
        var first = await _receiver.NextAsync();
        _push.Happened("t1", Status("t1", TaskState.InputRequired));
        _push.Happened("t1", Status("t1", TaskState.Completed));
        await _outbox.SettleAsync("t1");
        first.Answer(500);
        foreach (var pause in new[] { 1, 3, 9, 27, 81 })
        {
            await _time.PassAsync(TimeSpan.FromSeconds(pause), s_patience);
            (await _receiver.NextAsync()).Answer(500);
        }

        var last = await _receiver.NextAsync();
        Read(last).StatusUpdate!.Status.State.ShouldBe(TaskState.Completed);
        _outbox.Warnings().Single().Message.ShouldContain("It was tried 6 times.");
        last.Answer(200);
        while (_outbox.Warnings().Any())
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Deliver_Redirect_IsNotFollowed()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        _push.Happened("t1", Status("t1", TaskState.Completed));
        (await _receiver.NextAsync()).Answer(307, ("Location", new Uri(_receiver.Url, "/elsewhere").ToString()));
        await _log.UntilAsync("the push notification config c1 of task t1 is not told: 127.0.0.1 answered 307; redirects are not followed.");
        _receiver.HasMore.ShouldBeFalse();
    }

    [Fact]
    public async Task Restart_WhatWasNotTold_IsToldByTheNextProcess()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        await _push.CreateAsync(Config("t2", "c2"), default);
        _push.Happened("t1", Status("t1", TaskState.Working));
        _push.Happened("t1", Status("t1", TaskState.Completed));
        await _outbox.SettleAsync("t1");
        await _receiver.NextAsync();
        await CloseAsync();

        // This one ended, and the process died before it could put that anywhere.
        _tasks["t2"] = new A2ATask { Id = "t2", ContextId = "x", Status = new() { State = TaskState.Failed } };
        Open("127.0.0.1");
        _outbox.Start();
        var told = new List<(string, TaskState)>();
        for (var i = 0; i < 3; i++)
        {
            var call = await _receiver.NextAsync();
            told.Add((call.Path, Read(call).StatusUpdate!.Status.State));
            call.Answer(200);
        }

        told.Where(t => t.Item1 == "/c1").Select(t => t.Item2).ShouldBe([TaskState.Working, TaskState.Completed]);
        told.Where(t => t.Item1 == "/c2").Select(t => t.Item2).ShouldBe([TaskState.Failed]);
    }

    [Fact]
    public async Task Create_TaskHasEndedAlready_IsToldThat()
    {
        _tasks["t1"] = new A2ATask { Id = "t1", ContextId = "x", Status = new() { State = TaskState.Completed } };
        await _push.CreateAsync(Config("t1", "c1"), default);
        var call = await _receiver.NextAsync();
        Read(call).StatusUpdate!.Status.State.ShouldBe(TaskState.Completed);
        call.Answer(200);
    }

    [Fact]
    public async Task Happened_PiecesOfAnArtifact_AreToldAsOne()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        _push.Happened("t1", Piece("lost", append: false, last: false));
        _push.Happened("t1", Piece("one ", append: false, last: false));
        _push.Happened("t1", Piece("two", append: true, last: false));
        _push.Happened("t1", Piece("", append: true, last: true));
        var call = await _receiver.NextAsync();
        var artifact = Read(call).ArtifactUpdate!;
        (artifact.Append, artifact.LastChunk, artifact.Artifact.Parts.Single().Text).ShouldBe((null, true, "one two"));
        call.Answer(200);
    }

    [Fact]
    public async Task Delete_BeforeItIsTold_IsToldNothing()
    {
        await _push.CreateAsync(Config("t1", "c1"), default);
        _push.Happened("t1", Status("t1", TaskState.Working));
        var call = await _receiver.NextAsync();
        await _push.DeleteAsync("t1", "c1", default);
        await _push.DeleteAsync("t1", "c1", default);
        call.Answer(500);
        await _time.PassAsync(TimeSpan.FromSeconds(1), s_patience);
        _push.Happened("t1", Status("t1", TaskState.Completed));
        await _outbox.SettleAsync("t1");
        (await _push.FindAsync("t1", "c1", default)).ShouldBeNull();
        _receiver.HasMore.ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://10.0.0.1/x", "url")]
    [InlineData("http://[::1]/x", "url")]
    [InlineData("http://169.254.169.254/latest/meta-data", "url")]
    [InlineData("http://inside.example/x", "url")]
    [InlineData("ftp://outside.example/x", "url")]
    [InlineData("http://user:pass@outside.example/x", "url")]
    [InlineData("/x", "url")]
    public async Task Create_ReceiverThatMayNotBeCalled_IsRefusedByField(string url, string field)
    {
        await CloseAsync();
        Open();
        _outbox.Start();
        _names["inside.example"] = IPAddress.Parse("192.168.1.1");
        _names["outside.example"] = IPAddress.Parse("93.184.216.34");
        var refused = await Should.ThrowAsync<A2AException>(() => _push.CreateAsync(new TaskPushNotificationConfig { TaskId = "t1", Url = url }, default));
        refused.Kind.ShouldBe(ErrorKind.InvalidParams);
        refused.Violations.ShouldContain(v => v.Field == field);
        refused.Message.ShouldNotContain("pass@");
    }

    [Theory]
    [InlineData("Bear er", "x", "t", "authentication.scheme")]
    [InlineData("Bearer", "secret\r\nX: y", "t", "authentication.credentials")]
    [InlineData("Bearer", "x", "secret\n", "token")]
    public async Task Create_SecretsThatAreNoHeader_AreRefusedWithoutThem(string scheme, string credentials, string token, string field)
    {
        var refused = await Should.ThrowAsync<A2AException>(
            () => _push.CreateAsync(Config("t1", "c1") with { Token = token, Authentication = new AuthenticationInfo { Scheme = scheme, Credentials = credentials } }, default));
        refused.Violations.Single().Field.ShouldBe(field);
        refused.Message.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Deliver_NameLeadsInsideMeanwhile_IsRefusedAtTheConnection()
    {
        await CloseAsync();
        Open();
        _outbox.Start();
        _names["rebinding.example"] = IPAddress.Parse("93.184.216.34");
        await _push.CreateAsync(new TaskPushNotificationConfig { TaskId = "t1", Id = "c1", Url = $"http://rebinding.example:{_receiver.Url.Port}/x" }, default);
        _names["rebinding.example"] = IPAddress.Loopback;
        _push.Happened("t1", Status("t1", TaskState.Completed));
        await _log.UntilAsync("the push notification config c1 of task t1 is not told: 'rebinding.example' is refused");
        _receiver.HasMore.ShouldBeFalse();
    }

    [Fact]
    public async Task List_ManyConfigs_ComeInPagesAndAreBounded()
    {
        for (var i = 0; i < 20; i++)
        {
            await _push.CreateAsync(Config("t1", $"c{i:00}"), default);
        }

        var refused = await Should.ThrowAsync<A2AException>(() => _push.CreateAsync(Config("t1", "more"), default));
        refused.Message.ShouldContain("20 push notification configurations already");
        await _push.CreateAsync(Config("t1", "c07"), default);
        var first = await _push.ListAsync(new() { TaskId = "t1", PageSize = 15 }, default);
        var second = await _push.ListAsync(new() { TaskId = "t1", PageSize = 15, PageToken = first.NextPageToken }, default);
        first.Configs!.Concat(second.Configs!).Select(c => c.Id).ShouldBe(Enumerable.Range(0, 20).Select(i => $"c{i:00}"));
        second.NextPageToken.ShouldBeNull();
    }

    private TaskPushNotificationConfig Config(string task, string id) => new() { TaskId = task, Id = id, Url = new Uri(_receiver.Url, id).ToString() };

    private static StreamResponse Status(string task, TaskState state) => new() { StatusUpdate = new() { TaskId = task, ContextId = "x", Status = new() { State = state } } };

    private static StreamResponse Piece(string text, bool append, bool last) => new()
    {
        ArtifactUpdate = new() { TaskId = "t1", ContextId = "x", Append = append, LastChunk = last, Artifact = new() { ArtifactId = "a", Parts = [new Part { Text = text, MediaType = "text/plain" }] } },
    };

    private static StreamResponse Read(PushReceiver.Call call) => A2AReader.Read(System.Text.Encoding.UTF8.GetBytes(call.Body), A2AJson.Default.StreamResponse);

    private void Open(params string[] allowed)
    {
        var paths = _temp.Paths();
        _store = new LateStore<A2APushStore>("a2a_push", paths.A2APush, () => A2APushStore.OpenAsync(paths, _time, NullLogger<A2APushStore>.Instance), s => s.Problem);
        var fence = new NetworkFence(new NetworkOptions { AllowHosts = allowed }, (name, _) => Task.FromResult<IPAddress[]>([_names.GetValueOrDefault(name) ?? IPAddress.Loopback]));
        var services = new PushServices(_store, fence, id => Task.FromResult(_tasks.GetValueOrDefault(id)), _time, _log);
        _outbox = new PushOutbox(services);
        _push = new PushConfigs(services, _outbox);
    }

    private async Task CloseAsync()
    {
        await _outbox.DisposeAsync();
        await _store.DisposeAsync();
    }
}
