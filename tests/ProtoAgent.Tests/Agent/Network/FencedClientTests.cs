using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Network;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Network;

public sealed class FencedClientTests : IAsyncLifetime
{
    private readonly DownloadLimits _limits = new();
    private LocalSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await LocalSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task GetAsync_APage_ItsBodyTypeAndAddress()
    {
        _site.Page("/a", "hello", "Text/Plain; charset=\"utf-8\"");
        using var client = _site.Client();
        var answer = await client.GetAsync(_site.Url("/a"), _limits, default);
        answer.ShouldSatisfyAllConditions(
            () => answer.Status.ShouldBe(200),
            () => answer.MediaType.ShouldBe("text/plain"),
            () => answer.Charset.ShouldBe("utf-8"),
            () => answer.Url.ShouldBe(_site.Url("/a")),
            () => Encoding.UTF8.GetString(answer.Body.Span).ShouldBe("hello"),
            () => answer.Truncated.ShouldBeFalse());
    }

    [Theory]
    [InlineData("private.example")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task GetAsync_AHostThatLeadsToLoopback_RefusedBeforeARequest(string host)
    {
        using var client = _site.Client();
        var refused = await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/", host), _limits, default));
        refused.Message.ShouldContain($"'{host}' is refused");
        refused.Message.ShouldContain("network.allow_hosts");
        _site.Requests.ShouldBe(0);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task GetAsync_RedirectedToAPrivateHost_RefusedAtThatHop(int status)
    {
        _site.Redirect("/go", _site.Url("/secret", "private.example").ToString(), status);
        _site.Page("/secret", "secret");
        using var client = _site.Client();
        var refused = await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/go"), _limits, default));
        refused.Message.ShouldContain("'private.example' is refused");
        _site.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "only absolute http")]
    [InlineData("gopher://public.example/", "only absolute http")]
    [InlineData("http://me:pw@public.example/", "user name or password")]
    [InlineData("http://169.254.169.254/latest/meta-data", "link-local")]
    public async Task GetAsync_RedirectedToWhatIsRefused_SaysWhy(string to, string why)
    {
        _site.Redirect("/go", to);
        using var client = _site.Client();
        (await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/go"), _limits, default))).Message.ShouldContain(why);
    }

    [Fact]
    public async Task GetAsync_FiveRedirects_FollowedToTheEnd()
    {
        for (var i = 0; i < 5; i++)
        {
            _site.Redirect($"/{i}", $"{i + 1}");
        }

        _site.Page("/5", "there");
        using var client = _site.Client();
        (await client.GetAsync(_site.Url("/0"), _limits, default)).Url.ShouldBe(_site.Url("/5"));
    }

    [Fact]
    public async Task GetAsync_RedirectedInACircle_GivesUp()
    {
        _site.Redirect("/a", "/a");
        using var client = _site.Client();
        (await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/a"), _limits, default))).Message.ShouldContain("more than 5 times");
        _site.Requests.ShouldBe(6);
    }

    [Fact]
    public async Task GetAsync_ANameThatChangesItsAnswer_ConnectsToWhatWasChecked()
    {
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse("127.9.9.9")], [IPAddress.Loopback]]);
        var fence = new NetworkFence(new NetworkOptions { AllowHosts = ["127.9.9.9"] }, (_, _) => Task.FromResult(answers.Dequeue()));
        using var client = new FencedClient(fence, TimeProvider.System);

        // The site listens on 127.0.0.1 alone: had anything resolved the name again, it would have answered.
        await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/", "rebinding.example"), _limits, default));
        answers.Count.ShouldBe(1);
        _site.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task GetAsync_TheFirstOfTwoAddressesRefusesConnections_TakesTheSecond()
    {
        _site.Page("/a", "hello");
        using var client = new FencedClient(_site.Fence("127.9.9.9"), TimeProvider.System);
        (await client.GetAsync(_site.Url("/a"), _limits, default)).Status.ShouldBe(200);
        _site.LookedUp.ShouldBe(["public.example"]);
    }

    [Fact]
    public async Task GetAsync_ABodyOverTheLimit_ItsBeginning()
    {
        _site.Page("/exact", new string('x', 1000), "text/plain");
        _site.Page("/more", new string('x', 1001), "text/plain");
        using var client = _site.Client();
        var limits = _limits with { MaxBytes = 1000 };
        var exact = await client.GetAsync(_site.Url("/exact"), limits, default);
        (exact.Body.Length, exact.Truncated).ShouldBe((1000, false));
        var more = await client.GetAsync(_site.Url("/more"), limits, default);
        (more.Body.Length, more.Truncated, more.Length).ShouldBe((1000, true, 1001));
    }

    [Fact]
    public async Task GetAsync_ABodyThatUnpacksToMuch_CountedUnpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
            {
                await gzip.WriteAsync(zeros);
            }
        }

        _site.Page("/bomb", context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(packed.ToArray()).AsTask();
        });
        using var client = _site.Client();
        var answer = await client.GetAsync(_site.Url("/bomb"), _limits, default);
        (answer.Body.Length, answer.Truncated).ShouldBe((_limits.MaxBytes, true));
    }

    [Fact]
    public async Task GetAsync_NotCompressedAsItSays_SaysSo()
    {
        _site.Page("/a", context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("this is no gzip at all");
        });
        using var client = _site.Client();
        (await Should.ThrowAsync<NetworkException>(() => client.GetAsync(_site.Url("/a"), _limits, default))).Message.ShouldContain("not compressed the way it says");
    }

    [Fact]
    public async Task GetAsync_ABodyThatDoesNotEnd_GivesUpWhenTheTimeIsOver()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _site.Page("/slow", async context =>
        {
            await context.Response.WriteAsync("some");
            await context.Response.Body.FlushAsync();
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var time = new FakeTimeProvider();
        using var client = _site.Client(time);
        var get = client.GetAsync(_site.Url("/slow"), _limits, default);
        await begun.Task;
        time.Advance(_limits.Timeout);
        (await Should.ThrowAsync<NetworkException>(() => get)).Message.ShouldContain("public.example did not answer to the end within 30 s");
    }

    [Fact]
    public async Task GetAsync_Cancelled_IsCancelled()
    {
        using var stop = new CancellationTokenSource();
        _site.Page("/slow", async context =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = _site.Client();
        await Should.ThrowAsync<OperationCanceledException>(() => client.GetAsync(_site.Url("/slow"), _limits, stop.Token));
    }

    [Fact]
    public async Task GetAsync_AnUnwantedType_NotRead()
    {
        _site.Page("/a.zip", new byte[10_000], "application/zip");
        using var client = _site.Client();
        var answer = await client.GetAsync(_site.Url("/a.zip"), _limits with { Wants = t => t != "application/zip" }, default);
        (answer.Body.Length, answer.Length, answer.MediaType).ShouldBe((0, 10_000, "application/zip"));
    }

    [Fact]
    public async Task GetAsync_AnError_AnAnswerWithTheBeginningOfItsBody()
    {
        _site.Page("/gone", new string('g', 10_000), status: 410);
        using var client = _site.Client();
        var answer = await client.GetAsync(_site.Url("/gone"), _limits, default);
        (answer.Status, answer.IsSuccess, answer.Body.Length).ShouldBe((410, false, 4096));
    }

    [Fact]
    public async Task GetAsync_NobodyListens_SaysWhere()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using var client = _site.Client();
        var failed = await Should.ThrowAsync<NetworkException>(() => client.GetAsync(new Uri($"http://public.example:{port}/"), _limits, default));
        failed.Message.ShouldContain($"Can't connect to public.example:{port}");
    }
}
