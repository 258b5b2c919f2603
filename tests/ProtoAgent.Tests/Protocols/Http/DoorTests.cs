using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Http;

/// <summary>What each request passes before it meets a route.</summary>
public sealed class DoorTests
{
    private const string Token = "correct-horse";
    private static readonly CancellationToken s_cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost:7870", null, null, 200)]
    [InlineData("127.0.0.1:7870", "http://127.0.0.1:7870", "same-origin", 200)]
    [InlineData("[::1]:7870", "http://[::1]:7870", "same-origin", 200)]
    [InlineData("localhost", "http://LOCALHOST", null, 200)]
    [InlineData("agents.example.com", null, null, 200)]
    [InlineData("agents.example.com", "https://agents.example.com", "same-origin", 200)]
    [InlineData("localhost:7870", "http://app.example:3000", "cross-site", 200)]
    [InlineData("localhost:7870", null, "none", 200)]
    [InlineData("localhost:7870", "http://localhost:3000", "same-site", 403)]
    [InlineData("localhost:7870", "https://localhost:7870", null, 403)]
    [InlineData("localhost:7870", "http://127.0.0.1:7870", null, 403)]
    [InlineData("localhost:7870", "http://localhost:7870@evil.example", null, 403)]
    [InlineData("localhost:7870", "http://localhost:7870.evil.example", null, 403)]
    [InlineData("localhost:7870", "http://app.example:3001", null, 403)]
    [InlineData("localhost:7870", "null", null, 403)]
    [InlineData("localhost:7870", null, "cross-site", 403)]
    [InlineData("localhost:7870", null, "same-site", 403)]
    [InlineData("evil.example", null, null, 403)]
    [InlineData("evil.example:7870", "http://evil.example:7870", "same-origin", 403)]
    [InlineData("localhost.evil.example", null, null, 403)]
    [InlineData("localhost.", null, null, 403)]
    [InlineData("10.0.0.7:7870", null, null, 403)]
    public async Task Request_ByHostAndPage_LetInOrNot(string host, string? origin, string? site, int expected)
    {
        await using var bench = await StartAsync(new HttpOptions
        {
            Hosts = ["agents.example.com"], OwnOrigins = ["https://agents.example.com"], AllowOrigins = ["http://app.example:3000"],
        });
        using var answer = await SendAsync(bench, "/api/thing", ("Host", host), ("Origin", origin), ("Sec-Fetch-Site", site));
        ((int)answer.StatusCode).ShouldBe(expected);
        answer.Headers.Contains("Access-Control-Allow-Origin").ShouldBe(origin == "http://app.example:3000");
        answer.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    [Theory]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "host=localhost")]
    public async Task Forwarded_SaysAnotherHost_NotBelieved(string header, string value)
    {
        await using var bench = await StartAsync(new HttpOptions());
        using var answer = await SendAsync(bench, "/api/thing", ("Host", "evil.example"), (header, value));
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var page = await SendAsync(bench, "/api/thing", ("Host", "localhost"), ("Origin", "https://localhost"), (header, value));
        page.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("document", "navigate", "/", 200)]
    [InlineData("iframe", "navigate", "/", 403)]
    [InlineData("image", "no-cors", "/", 403)]
    [InlineData("document", "navigate", "/api/thing", 403)]
    public async Task Link_OnAForeignPage_OpensWhatIsPublicInATabAlone(string destination, string mode, string path, int expected)
    {
        await using var bench = await StartAsync(new HttpOptions { Public = new HashSet<string> { "/" } });
        using var answer = await SendAsync(bench, path, ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", destination));
        ((int)answer.StatusCode).ShouldBe(expected);
    }

    [Fact]
    public async Task Preflight_OfAnAllowedOrigin_AnsweredWithoutReachingARoute()
    {
        await using var bench = await StartAsync(new HttpOptions { AllowOrigins = ["http://app.example:3000"], Token = Token });
        using var asked = new HttpRequestMessage(HttpMethod.Options, "/api/thing");
        asked.Headers.Add("Origin", "http://app.example:3000");
        asked.Headers.Add("Access-Control-Request-Method", "POST");
        asked.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using var answer = await bench.Http.SendAsync(asked, s_cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        answer.Headers.GetValues("Access-Control-Allow-Headers").ShouldBe(["authorization,content-type"]);
        answer.Headers.GetValues("Vary").ShouldContain("Origin");
        using var stranger = new HttpRequestMessage(HttpMethod.Options, "/api/thing");
        stranger.Headers.Add("Origin", "http://other.example");
        stranger.Headers.Add("Access-Control-Request-Method", "POST");
        using var refused = await bench.Http.SendAsync(stranger, s_cancellation);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        refused.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    [Fact]
    public async Task Address_BeyondLoopback_TakenForAHostWhereNamesAreNot()
    {
        await using var bench = await StartAsync(new HttpOptions { Hosts = ["agents.example.com"], AnyAddress = true });
        foreach (var (host, expected) in new[] { ("10.0.0.7:7870", 200), ("[fd00::7]:7870", 200), ("agents.example.com", 200), ("evil.example", 403) })
        {
            using var answer = await SendAsync(bench, "/api/thing", ("Host", host));
            ((int)answer.StatusCode).ShouldBe(expected, host);
        }
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("", 401)]
    [InlineData("Bearer", 401)]
    [InlineData("Bearer    ", 401)]
    [InlineData("Basic correct-horse", 401)]
    [InlineData("Bearer correct-horse battery", 401)]
    [InlineData("Bearer correct-hors", 401)]
    [InlineData("bearer correct-horse", 200)]
    [InlineData("Bearer   correct-horse  ", 200)]
    public async Task Authorization_AsGiven_LetsInOrNot(string? header, int expected)
    {
        await using var bench = await StartAsync(new HttpOptions { Token = Token });
        using var answer = await SendAsync(bench, "/api/thing", ("Authorization", header));
        ((int)answer.StatusCode).ShouldBe(expected);
        answer.Headers.Contains("WWW-Authenticate").ShouldBe(expected == 401);
    }

    [Fact]
    public async Task Authorization_Twice_RefusedWhateverIsInIt()
    {
        await using var bench = await StartAsync(new HttpOptions { Token = Token });
        var said = await RawAsync(bench, $"GET /api/thing HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\nAuthorization: Bearer wrong\r\nConnection: close\r\n\r\n");
        said.ShouldStartWith("HTTP/1.1 400");
        said.ShouldContain("several Authorization headers");
    }

    [Theory]
    [InlineData("/v1/models", 200)]
    [InlineData("/a2a", 200)]
    [InlineData("/api/thing", 403)]
    [InlineData("/v1/%2e%2e/api/thing", 403)]
    [InlineData("/v1/../api/thing", 403)]
    [InlineData("/v1x", 403)]
    [InlineData("/V1/models", 403)]
    public async Task FederationToken_ByPath_OpensItsOwnAlone(string path, int expected)
    {
        await using var bench = await StartAsync(new HttpOptions { Token = Token, FederationToken = "visitor" });
        var said = await RawAsync(bench, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer visitor\r\nConnection: close\r\n\r\n");
        said.ShouldStartWith($"HTTP/1.1 {expected}");
    }

    [Fact]
    public async Task WrongTokens_ManyDifferent_MakeEveryTokenFromThereWait()
    {
        var time = new FakeTimeProvider();
        var told = new List<TokenRefused>();
        await using var bench = await StartAsync(new HttpOptions { Token = Token, Time = time, Refused = told.Add });
        for (var i = 0; i <= TokenFailures.Free; i++)
        {
            (await StatusAsync(bench, $"guess-{i}")).ShouldBe(401);
        }

        // The right one too; one that was wrong before is still just wrong, and reaches nobody else's wait.
        using (var held = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer {Token}")))
        {
            held.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            held.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            (await held.Content.ReadAsStringAsync(s_cancellation)).ShouldContain("too_many_attempts");
        }

        (await StatusAsync(bench, "guess-0")).ShouldBe(401);
        time.Advance(TimeSpan.FromSeconds(1));
        (await StatusAsync(bench, Token)).ShouldBe(200);
        (await StatusAsync(bench, "guess-6")).ShouldBe(401);
        time.Advance(TimeSpan.FromSeconds(1));
        (await StatusAsync(bench, Token)).ShouldBe(429);
        time.Advance(TimeSpan.FromSeconds(1));
        (await StatusAsync(bench, Token)).ShouldBe(200);
        told.Select(t => t.Failures).ShouldBe([1, 2, 3, 4, 5, 6, 7]);
        told.ShouldAllBe(t => t.Path == "/api/thing" && !t.ToString().Contains("guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WrongToken_TheSameAgainAndAgain_LocksNobodyOut()
    {
        var told = new List<TokenRefused>();
        await using var bench = await StartAsync(new HttpOptions { Token = Token, Refused = told.Add });
        for (var i = 0; i < 50; i++)
        {
            (await StatusAsync(bench, "out-of-date")).ShouldBe(401);
        }

        (await StatusAsync(bench, Token)).ShouldBe(200);
        told.Count.ShouldBe(1);
    }

    [Fact]
    public async Task WrongTokens_ThroughATrustedProxy_CountForWhoeverSentThem()
    {
        await using var bench = await StartAsync(new HttpOptions { Token = Token, Time = new FakeTimeProvider(), TrustedProxies = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8")] });
        for (var i = 0; i <= TokenFailures.Free; i++)
        {
            // What stands before the last stranger he may have written himself.
            using var guess = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer guess-{i}"), ("X-Forwarded-For", $"198.51.100.{i}, 203.0.113.9:5000, 10.1.2.3"));
            guess.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var held = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer {Token}"), ("X-Forwarded-For", "203.0.113.9"));
        held.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        using var other = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer {Token}"), ("X-Forwarded-For", "203.0.113.10"));
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WrongTokens_ForwardedByNobodyTrusted_CountForTheConnection()
    {
        await using var bench = await StartAsync(new HttpOptions { Token = Token, Time = new FakeTimeProvider() });
        for (var i = 0; i <= TokenFailures.Free; i++)
        {
            using var guess = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer guess-{i}"), ("X-Forwarded-For", $"203.0.113.{i}"));
        }

        (await StatusAsync(bench, Token)).ShouldBe(429);
    }

    [Fact]
    public async Task Streams_OneTooMany_Told503AndLetInWhenOneEnds()
    {
        await using var bench = await StartAsync(new HttpOptions { MaxStreams = 1 });
        using var first = new CancellationTokenSource();
        using var open = new HttpRequestMessage(HttpMethod.Get, "/api/stream");
        open.Headers.Accept.ParseAdd("text/event-stream");
        using (var stream = await bench.Http.SendAsync(open, HttpCompletionOption.ResponseHeadersRead, first.Token))
        {
            stream.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var second = await SendAsync(bench, "/api/stream", ("Accept", "text/event-stream"));
            second.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            second.Headers.RetryAfter.ShouldNotBeNull();
            (await second.Content.ReadAsStringAsync(s_cancellation)).ShouldContain("too_many_streams");
            using var plain = await SendAsync(bench, "/api/thing");
            plain.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        HttpResponseMessage again;
        do
        {
            // The server hears of the end of the first in its own time.
            using var next = new HttpRequestMessage(HttpMethod.Get, "/api/stream");
            next.Headers.Accept.ParseAdd("text/event-stream");
            again = await bench.Http.SendAsync(next, HttpCompletionOption.ResponseHeadersRead, s_cancellation);
            again.Dispose();
        }
        while (again.StatusCode == HttpStatusCode.ServiceUnavailable);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Answer_OfData_TellsBrowsersToKeepAndEmbedNothing()
    {
        await using var bench = await StartAsync(new HttpOptions { Hsts = TimeSpan.FromDays(1), Public = new HashSet<string> { "/" } });
        using var data = await SendAsync(bench, "/api/thing");
        string One(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "-";
        One(data, "X-Content-Type-Options").ShouldBe("nosniff");
        One(data, "Cache-Control").ShouldBe("no-store");
        One(data, "Content-Security-Policy").ShouldContain("frame-ancestors 'none'");
        One(data, "Cross-Origin-Resource-Policy").ShouldBe("same-origin");
        One(data, "Referrer-Policy").ShouldBe("no-referrer");

        // Not over plain HTTP, where anybody between could say it.
        One(data, "Strict-Transport-Security").ShouldBe("-");
        One(data, "Access-Control-Allow-Origin").ShouldBe("-");
        using var page = await SendAsync(bench, "/");
        One(page, "X-Frame-Options").ShouldBe("DENY");
        One(page, "Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        One(page, "Permissions-Policy").ShouldContain("camera=()");
    }

    [Theory]
    [InlineData("GET /api/thing HTTP/1.1\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /api/thing HTTP/1.0\r\n\r\n", "host_missing")]
    [InlineData("GET /healthz HTTP/1.0\r\n\r\n", "HTTP/1.1 200")]
    [InlineData("GET http://evil.example/api/thing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET http://evil.example/api/thing HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "host_not_allowed")]
    [InlineData("GET /api/thing HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /api/thing HTTP/1.1\r\nHost: localhost@evil.example\r\nConnection: close\r\n\r\n", "HTTP/1.1 40")]
    [InlineData("GET /api/thing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.1 200")]
    public async Task Target_OfEveryForm_MeetsTheCheckOfItsHost(string request, string expected)
    {
        await using var bench = await StartAsync(new HttpOptions());
        (await RawAsync(bench, request)).ShouldContain(expected);
    }

    [Fact]
    public async Task Body_NestedTooDeep_Refused()
    {
        await using var bench = await StartAsync(new HttpOptions());
        foreach (var (depth, expected) in new[] { (3, HttpStatusCode.OK), (70, HttpStatusCode.BadRequest), (100_000, HttpStatusCode.BadRequest) })
        {
            var (status, _) = await bench.SendAsync(HttpMethod.Post, "/api/body", $$"""{"a":{{new string('[', depth)}}{{new string(']', depth)}}}""");
            status.ShouldBe(expected, $"{depth}");
        }
    }

    private static Task<ApiBench> StartAsync(HttpOptions options) => ApiBench.StartAsync(options, routes =>
    {
        foreach (var path in new[] { "/", "/api/thing", "/v1/models", "/v1x", "/a2a", "/healthz" })
        {
            routes.MapGet(path, (RequestDelegate)(context => context.Response.WriteAsync("{}")));
        }

        routes.MapPost("/api/body", (RequestDelegate)(async context =>
        {
            await JsonBody.ReadAsync(context, ProblemJson.Default.JsonObject);
            await context.Response.WriteAsync("{}");
        }));
        routes.MapGet("/api/stream", (RequestDelegate)(async context =>
        {
            await new EventStream(context).KeepAliveAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
    });

    private static async Task<int> StatusAsync(ApiBench bench, string token)
    {
        using var answer = await SendAsync(bench, "/api/thing", ("Authorization", $"Bearer {token}"));
        return (int)answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiBench bench, string path, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Where(h => h.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await bench.Http.SendAsync(request, s_cancellation);
    }

    private static async Task<string> RawAsync(ApiBench bench, string request)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, bench.Http.BaseAddress!.Port, s_cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request), s_cancellation);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(s_cancellation);
    }
}
