using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

public sealed class EventEndpointsTests : IAsyncLifetime
{
    private const string Token = "s3cret";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly WatchedTime _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly EventBus _bus;
    private ApiBench _api = null!;

    public EventEndpointsTests() => _bus = new EventBus(_time);

    public async ValueTask InitializeAsync()
    {
        var tickets = new EventTickets(_time);
        _api = await ApiBench.StartAsync(new HttpOptions { Token = Token, Tickets = tickets }, routes => EventEndpoints.Map(routes, _bus, tickets, _time));
        _api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Stream_WhatHappens_InFramesWithIds()
    {
        using var reader = await OpenAsync();
        (await reader.LineAsync()).ShouldBe(": keep-alive");
        Publish(1);
        var id = await reader.IdAsync();
        (await reader.LineAsync()).ShouldBe(
            $$$"""data: {"id":{{{id}}},"topic":"activity.message","at":"2026-03-01T12:00:00.000Z","data":{"seq":0,"at":"0001-01-01T00:00:00.000Z","origin":"inbox","kind":"k","text":"","session_id":null,"turn_id":null,"job_id":null,"item_id":null}}""");
    }

    [Fact]
    public async Task Stream_ReaderComesBack_GetsWhatItMissed()
    {
        using var first = await OpenAsync();
        Publish(3);
        var seen = await first.IdAsync();
        foreach (var (header, query) in new[] { ($"{seen}", ""), (null, $"?last_event_id={seen}") })
        {
            using var back = await OpenAsync(query, header);
            (await back.FrameAsync())["data"]!["seq"]!.GetValue<int>().ShouldBe(1);
            (await back.FrameAsync())["data"]!["seq"]!.GetValue<int>().ShouldBe(2);
        }
    }

    [Fact]
    public async Task Stream_SomethingIsNotKept_SaysSoFirst()
    {
        Publish(EventBus.Kept + 1);
        using var reader = await OpenAsync("?last_event_id=1");
        var told = await reader.FrameAsync();
        ((string)told["topic"]!, told["id"]).ShouldBe(("events.missed", null));
        (await reader.FrameAsync())["data"]!["seq"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Stream_NothingHappens_KeepsTheConnectionAlive()
    {
        using var reader = await OpenAsync();
        (await reader.LineAsync()).ShouldBe(": keep-alive");
        await _time.PassAsync(TimeSpan.FromSeconds(15), s_patience);
        (await reader.LineAsync()).ShouldBe("");
        (await reader.LineAsync()).ShouldBe(": keep-alive");
    }

    [Fact]
    public async Task Stream_TheInstanceStops_EndsBehindTheLastEvent()
    {
        using var reader = await OpenAsync();
        Publish(1);
        _bus.Close();
        await reader.FrameAsync();
        (await reader.LineAsync()).ShouldBe("");
        (await reader.LineAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Stream_TooSlow_IsToldAndEnds()
    {
        // More at once than a connection takes while nobody reads it.
        using var reader = await OpenAsync();
        await reader.LineAsync();
        for (var i = 0; i < 12; i++)
        {
            Publish(EventSubscription.Capacity, new string('x', 2000));
        }

        string? line;
        var last = "";
        while ((line = await reader.LineAsync()) is not null)
        {
            last = line.StartsWith("data: ", StringComparison.Ordinal) ? line : last;
        }

        last.ShouldContain("\"topic\":\"events.dropped\"");
    }

    [Fact]
    public async Task Stream_BadLastEventId_IsRefused()
    {
        var (status, problem) = await _api.SendAsync(HttpMethod.Get, "/api/events?last_event_id=x");
        (status, (string)problem!["code"]!).ShouldBe((HttpStatusCode.BadRequest, "bad_last_event_id"));
    }

    [Theory]
    [InlineData("job.done", "job.done")]
    [InlineData("job.*,turn.done", "job.claimed job.done turn.done")]
    [InlineData("nothing.*, turn.*", "turn.started turn.done")]
    [InlineData("*", "job.claimed turn.started jobs.other job.done turn.done")]
    public async Task Stream_WithTopics_TellsThoseAlone(string topics, string told)
    {
        using var reader = await OpenAsync($"?topics={topics}");
        await reader.LineAsync();
        foreach (var topic in new[] { "job.claimed", "turn.started", "jobs.other", "job.done", "turn.done" })
        {
            _bus.Publish(topic, new ActivityMessage(0, default, "inbox", "k", "", null, null, null, null), ActivityJson.Default.ActivityMessage);
        }

        _bus.Close();
        string.Join(' ', (await reader.RestAsync()).Select(f => (string)f["topic"]!)).ShouldBe(told);
    }

    [Theory]
    [InlineData(",")]
    [InlineData("job.**")]
    [InlineData("Job.done")]
    [InlineData(".*")]
    [InlineData("*.done")]
    public async Task Stream_BadTopics_AreRefused(string topics)
    {
        var (status, problem) = await _api.SendAsync(HttpMethod.Get, $"/api/events?topics={topics}");
        (status, (string)problem!["code"]!, (string)problem["field"]!).ShouldBe((HttpStatusCode.BadRequest, "bad_topics", "topics"));
    }

    [Fact]
    public async Task Ticket_OpensTheStreamOnceAndNothingElse()
    {
        var (_, issued) = await _api.SendAsync(HttpMethod.Post, "/api/events/ticket");
        ((string)issued!["expires_at"]!).ShouldBe("2026-03-01T12:00:30.000Z");
        var ticket = (string)issued["ticket"]!;
        _api.Http.DefaultRequestHeaders.Authorization = null;

        (await _api.SendAsync(HttpMethod.Post, $"/api/events/ticket?ticket={ticket}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await _api.SendAsync(HttpMethod.Get, $"/api/inbox?ticket={ticket}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using (var reader = await OpenAsync($"?ticket={ticket}"))
        {
            (await reader.LineAsync()).ShouldBe(": keep-alive");
        }

        var (again, problem) = await _api.SendAsync(HttpMethod.Get, $"/api/events?ticket={ticket}");
        (again, (string)problem!["code"]!).ShouldBe((HttpStatusCode.Unauthorized, "ticket_expired"));
        (await _api.SendAsync(HttpMethod.Get, "/api/events")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Ticket_TooOld_IsRefused()
    {
        var ticket = (string)(await _api.SendAsync(HttpMethod.Post, "/api/events/ticket")).Body!["ticket"]!;
        _api.Http.DefaultRequestHeaders.Authorization = null;
        _time.Advance(TimeSpan.FromSeconds(30));
        (await _api.SendAsync(HttpMethod.Get, $"/api/events?ticket={ticket}")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task<EventReader> OpenAsync(string query = "", string? lastSeen = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/events{query}");
        if (lastSeen is not null)
        {
            request.Headers.Add("Last-Event-ID", lastSeen);
        }

        var answer = await _api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new EventReader(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    private void Publish(int count, string text = "")
    {
        for (var i = 0; i < count; i++)
        {
            _bus.Publish("activity.message", new ActivityMessage(i, default, "inbox", "k", text, null, null, null, null), ActivityJson.Default.ActivityMessage);
        }
    }
}
