using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Events;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Mcp;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Mcp;

/// <summary>How many sessions there are, and when one is over. The clock is the test's.</summary>
public sealed class McpSessionsTests : IAsyncLifetime
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    private readonly CountedTime _time = new();
    private ApiBench _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiBench.StartAsync(
        new HttpOptions { ErrorShapes = new Dictionary<string, Func<HttpContext, ApiException, Task>> { [McpApi.Prefix] = McpApi.WriteErrorAsync } },
        routes => routes.MapMcpServer(new McpServices(
            "a", "0", null!, null!, new EventBus(_time), _time, NullLoggerFactory.Instance, routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>())
        {
            Desk = null!, Inbox = null!, Skills = null!, Workflows = null!, Knowledge = null!, Limits = new McpServerLimits { MaxSessions = 2, Idle = s_idle },
        }));

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Instance_NobodyTalksTo_SetsNoTimer()
    {
        _time.Timers.ShouldBe(0);
        (await _api.SendAsync(HttpMethod.Get, "/nothing")).Status.ShouldBe(HttpStatusCode.NotFound);
        _time.Timers.ShouldBe(0);
    }

    [Fact]
    public async Task Session_NobodyUses_IsOverAfterItsTimeAndNotBefore()
    {
        var session = await BeginAsync();
        (await PingAsync(session)).ShouldBe(HttpStatusCode.OK);
        _time.Advance(s_idle - s_moment);
        (await PingAsync(session)).ShouldBe(HttpStatusCode.OK);

        // The answer is here a moment before the server has put the request away: until then the session is in use, so it is asked again.
        await EventuallyAsync(async () =>
        {
            _time.Advance(s_idle);
            return await PingAsync(session) == HttpStatusCode.NotFound;
        });

        // Nothing is left to wake for: one timer in all, which is never set again.
        var set = _time.Set;
        _time.Advance(s_idle * 10);
        _time.Set.ShouldBe(set);
        _time.Timers.ShouldBe(1);
    }

    [Fact]
    public async Task Session_WhoseStreamIsOpen_IsInUse()
    {
        var session = await BeginAsync();
        using var stream = await ListenAsync(session);
        _time.Advance(s_idle * 10);
        (await PingAsync(session)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Sessions_OneMoreThanThereMayBe_EndsTheOneIdleLongest()
    {
        var first = await BeginAsync();
        _time.Advance(s_moment);
        var second = await BeginAsync();
        _time.Advance(s_moment);

        // Where the server has not put a request away yet, every session is in use: 503, and the same again.
        string? third = null;
        await EventuallyAsync(async () => (third = await TryBeginAsync()) is not null);
        await EventuallyAsync(async () => await PingAsync(first) == HttpStatusCode.NotFound);
        (await PingAsync(second)).ShouldBe(HttpStatusCode.OK);
        (await PingAsync(third!)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Sessions_AllInUse_OneMoreIsRefusedAndSaysWhatToDo()
    {
        using var first = await ListenAsync(await BeginAsync());
        using var second = await ListenAsync(await BeginAsync());
        using var refused = await SendAsync(HttpMethod.Post, null, Initialize);
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.Contains(McpSessions.Header).ShouldBeFalse();
        var error = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["error"]!;
        (error["data"]!["code"]!.GetValue<string>(), error["message"]!.GetValue<string>().Contains("mcp.server.max_sessions", StringComparison.Ordinal)).ShouldBe(("mcp_sessions", true));
    }

    [Fact]
    public async Task Session_Deleted_MakesRoom()
    {
        using var held = await ListenAsync(await BeginAsync());
        var other = await BeginAsync();
        using (var deleted = await SendAsync(HttpMethod.Delete, other, null))
        {
            deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await PingAsync(other)).ShouldBe(HttpStatusCode.NotFound);
        (await TryBeginAsync()).ShouldNotBeNull();
    }

    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    private async Task<string> BeginAsync() => (await TryBeginAsync()).ShouldNotBeNull();

    /// <summary>Null if there is no room.</summary>
    private async Task<string?> TryBeginAsync()
    {
        using var answer = await SendAsync(HttpMethod.Post, null, Initialize);
        await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? answer.Headers.GetValues(McpSessions.Header).Single() : null;
    }

    private async Task<HttpStatusCode> PingAsync(string session)
    {
        using var answer = await SendAsync(HttpMethod.Post, session, """{"jsonrpc":"2.0","id":2,"method":"ping"}""");
        await answer.Content.ReadAsStringAsync();
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> ListenAsync(string session)
    {
        var answer = await SendAsync(HttpMethod.Get, session, null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return answer;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? session, string? body)
    {
        using var request = new HttpRequestMessage(method, McpApi.Prefix) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        if (session is not null)
        {
            request.Headers.Add(McpSessions.Header, session);
            request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        }

        return await _api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; !await condition(); tries++)
        {
            tries.ShouldBeLessThan(1000);
        }
    }

    /// <summary>Counts the timers that are made, and how often one is set.</summary>
    private sealed class CountedTime : Microsoft.Extensions.Time.Testing.FakeTimeProvider
    {
        private int _timers;
        private int _set;

        public int Timers => Volatile.Read(ref _timers);

        public int Set => Volatile.Read(ref _set);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return new Counted(base.CreateTimer(callback, state, dueTime, period), () => Interlocked.Increment(ref _set));
        }

        private sealed class Counted(ITimer inner, Action set) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    set();
                }

                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
