using System.Net;
using System.Net.Sockets;
using System.Text;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>What a client may ask of an instance before it is told no.</summary>
public sealed class LimitTests
{
    [Theory]
    [InlineData("line", "HTTP/1.1 414")]
    [InlineData("headers", "HTTP/1.1 431")]
    [InlineData("one header", "HTTP/1.1 431")]
    [InlineData("upgrade", "HTTP/1.1 404")]
    public async Task Request_TooMuchOfSomething_Refused(string what, string expected)
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        var request = what switch
        {
            "line" => $"GET /healthz?{new string('q', 9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "headers" => $"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 120).Select(i => $"X-{i}: 1\r\n"))}\r\n",
            "one header" => $"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('h', 40_000)}\r\n\r\n",
            _ => "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n",
        };
        using var client = new TcpClient("127.0.0.1", agent.Port);
        (await SayAsync(client, request)).ShouldStartWith(expected);
        (await agent.GetAsync("/healthz")).ToJsonString().ShouldContain("ok");
    }

    [Fact]
    public async Task Connections_OneTooMany_ToldWhyAndLetInWhenOneCloses()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new() { ["PROTOAGENT_SERVER__MAX_CONNECTIONS"] = "2" });
        const string Ask = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        using var first = new TcpClient("127.0.0.1", agent.Port);
        using (var second = new TcpClient("127.0.0.1", agent.Port))
        {
            // Both are heard, so both are counted.
            (await SayAsync(first, Ask, whole: false)).ShouldStartWith("HTTP/1.1 200");
            (await SayAsync(second, Ask, whole: false)).ShouldStartWith("HTTP/1.1 200");
            using var third = new TcpClient("127.0.0.1", agent.Port);
            var said = await SayAsync(third, Ask);
            said.ShouldStartWith("HTTP/1.1 503");
            said.ShouldContain("too_many_connections");
            said.ShouldContain("Retry-After: 1");
        }

        string again;
        do
        {
            using var next = new TcpClient("127.0.0.1", agent.Port);
            again = await SayAsync(next, Ask.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));
        }
        while (again.StartsWith("HTTP/1.1 503", StringComparison.Ordinal));
        again.ShouldStartWith("HTTP/1.1 200");
        await agent.LoggedAsync("event=connections_full");
    }

    [Fact]
    public async Task Request_ThatNeverComesToAnEnd_ClosedByTheInstance()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        async Task<string> StallAsync(string beginning)
        {
            using var client = new TcpClient("127.0.0.1", agent.Port);
            return await SayAsync(client, beginning);
        }

        var said = await Task.WhenAll(
            StallAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
            StallAsync("POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"));
        said.ShouldAllBe(s => s.StartsWith("HTTP/1.1 408", StringComparison.Ordinal));
        (await agent.GetAsync("/healthz")).ToJsonString().ShouldContain("ok");
    }

    [Fact]
    public async Task WrongToken_LoggedAndAuditedWithoutIt()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new() { ["A2A_AUTH_TOKEN"] = "correct-horse" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runtime/status?x=of-the-query");
        request.Headers.Authorization = new("Bearer", "a-wrong-token");
        using var answer = await agent.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await agent.LoggedAsync("event=token_refused");
        (await agent.TerminateAsync()).ShouldBe(0);
        var audit = await File.ReadAllTextAsync(Path.Combine(box.DataHome, "audit/alice/audit.jsonl"));
        audit.ShouldContain("\"event\":\"token_refused\",\"from\":\"127.0.0.1\",\"method\":\"GET\",\"path\":\"/api/runtime/status\"");
        foreach (var text in new[] { audit, agent.Log })
        {
            text.ShouldNotContain("a-wrong-token");
            text.ShouldNotContain("of-the-query");
        }
    }

    [Fact]
    public async Task Open_BeyondLoopback_WarnsForAsLong()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", ["--host", "0.0.0.0"], new() { ["PROTOAGENT_ALLOW_OPEN"] = "1" });
        await agent.LoggedAsync("open_beyond_loopback");
        (await agent.WarningsAsync()).ShouldContain(w => w.StartsWith("open_beyond_loopback", StringComparison.Ordinal));
    }

    private static async Task<string> SayAsync(TcpClient client, string request, bool whole = true)
    {
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        }
        catch (IOException)
        {
            // Refused before it was all said; the answer is there all the same.
        }

        using var late = new CancellationTokenSource(Limits.Patience);
        var said = new StringBuilder();
        var buffer = new byte[8192];
        int read;
        do
        {
            read = await stream.ReadAsync(buffer, late.Token);
            said.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        while (whole && read > 0 && !said.ToString().Contains("Content-Length: 0", StringComparison.Ordinal) && !said.ToString().EndsWith('}'));
        return said.ToString();
    }
}
