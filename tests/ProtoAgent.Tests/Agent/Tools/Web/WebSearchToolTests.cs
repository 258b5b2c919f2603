using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Web;
using ProtoAgent.Tests.Agent.Network;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Web;

public sealed class WebSearchToolTests : IAsyncLifetime
{
    private const string Found = """
        {"query": "tea", "number_of_results": 0, "results": [
          {"url": "https://a.example/1", "title": "First\n one", "content": "About  <b>tea</b>", "engine": "x", "score": 2.5},
          {"url": "https://a.example/1", "title": "Again", "content": "twice"},
          {"url": "javascript:alert(1)", "title": "Bad", "content": ""},
          {"url": null, "title": "None"},
          {"url": "https://b.example/2", "title": "", "content": null},
          {"url": "https://c.example/3", "title": "Third", "content": "third"}
        ], "answers": [], "unresponsive_engines": [["google", "timeout"]]}
        """;

    private readonly HttpClient _http = new();
    private LocalSite _site = null!;
    private string _asked = "";

    public async ValueTask InitializeAsync() => _site = await LocalSite.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _site.DisposeAsync();
    }

    [Fact]
    public void Schema_Always_NamesTypesAndWhatIsRequired()
    {
        var tool = Tool();
        tool.Schema.GetProperty("required").EnumerateArray().Select(r => r.GetString()).ShouldBe(["query"]);
        tool.Schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ShouldBe(["query", "count", "language"]);
        tool.Traits.ShouldBe(ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External);
    }

    [Fact]
    public async Task CallAsync_Results_NumberedOnceEachAndOnlyLinks()
    {
        Answers("/search", Found);
        (await SearchAsync("""{"query": "tea"}""")).ShouldBe(
            """
            1. First one
               https://a.example/1
               About <b>tea</b>
            2. (no title)
               https://b.example/2
            3. Third
               https://c.example/3
               third
            """);
    }

    [Theory]
    [InlineData("", "/search")]
    [InlineData("/", "/search")]
    [InlineData("/search", "/search")]
    [InlineData("/searx/", "/searx/search")]
    public async Task CallAsync_AnyAddressOfTheInstance_AsksItsSearch(string configured, string path)
    {
        Answers(path, Found);
        (await SearchAsync("""{"query": "tea & milk?", "count": 1, "language": "de-CH"}""", configured)).ShouldNotContain("2. ");
        _asked.ShouldBe("?q=tea%20%26%20milk%3F&format=json&language=de-CH");
    }

    [Fact]
    public async Task CallAsync_AnAddressWithAQuery_KeepsIt()
    {
        Answers("/search", Found);
        await SearchAsync("""{"query": "tea"}""", "/?key=s3cret");
        _asked.ShouldBe("?key=s3cret&q=tea&format=json");
    }

    [Fact]
    public async Task CallAsync_NothingFound_SaysSo()
    {
        Answers("/search", """{"results": []}""");
        (await SearchAsync("""{"query": "tea"}""")).ShouldContain("Nothing was found for 'tea'");
    }

    [Theory]
    [InlineData(200, """{"results": [], "unresponsive_engines": [["google", "timeout"], ["bing", "CAPTCHA", 3]]}""", "google: timeout, bing: CAPTCHA")]
    [InlineData(200, "<html>a search page</html>", "did not answer with SearXNG's JSON")]
    [InlineData(200, "{}", "did not answer with SearXNG's JSON")]
    [InlineData(200, "[]", "did not answer with SearXNG's JSON")]
    [InlineData(403, "", "'json' is among search.formats")]
    [InlineData(429, "", "fewer requests")]
    [InlineData(404, "", "web_search.url")]
    [InlineData(500, "", "failed (500)")]
    [InlineData(301, "", "answered 301")]
    public async Task CallAsync_NoResults_SaysWhyAndWhatToDo(int status, string body, string said)
    {
        Answers("/search", body, status);
        var failed = await Should.ThrowAsync<ToolException>(() => SearchAsync("""{"query": "tea"}""", "/?key=s3cret"));
        failed.Message.ShouldContain(said);
        failed.Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task CallAsync_TheEndpointIsSilent_GivesUpWhenTheTimeIsOver()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _site.Page("/search", async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var time = new FakeTimeProvider();
        var search = SearchAsync("""{"query": "tea"}""", time: time);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(20));
        (await Should.ThrowAsync<ToolException>(() => search)).Message.ShouldContain("did not answer within 20 s");
    }

    [Fact]
    public async Task CallAsync_NobodyListens_NamesTheEndpointAndTheSetting()
    {
        var tool = Tool();
        await _site.StopAsync();
        var failed = await Should.ThrowAsync<ToolException>(() => CallAsync(tool, """{"query": "tea"}"""));
        failed.Message.ShouldContain("Can't reach the search endpoint http://127.0.0.1:");
        failed.Message.ShouldContain("web_search.url");
    }

    [Theory]
    [InlineData("""{"query": "  "}""", "query")]
    [InlineData("""{"query": "tea", "count": 0}""", "count")]
    [InlineData("""{"query": "tea", "count": 21}""", "count")]
    [InlineData("""{"query": "tea", "language": "de&x=1"}""", "language")]
    [InlineData("""{"query": "tea", "limit": 1}""", "limit")]
    [InlineData("{}", "query")]
    public async Task CallAsync_BadArguments_NamesTheOne(string arguments, string name) =>
        (await Should.ThrowAsync<ToolException>(() => SearchAsync(arguments))).Message.ShouldContain(name);

    private void Answers(string path, string body, int status = 200) => _site.Page(path, context =>
    {
        _asked = context.Request.QueryString.Value!;
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    });

    private WebSearchTool Tool(string configured = "", TimeProvider? time = null) =>
        new(new SearxngSearch(new Uri($"http://127.0.0.1:{_site.Port}{configured}"), _http, time ?? TimeProvider.System));

    private Task<string> SearchAsync(string arguments, string configured = "", TimeProvider? time = null) => CallAsync(Tool(configured, time), arguments);

    private static async Task<string> CallAsync(WebSearchTool tool, string arguments)
    {
        using var parsed = JsonDocument.Parse(arguments);
        return (await tool.CallAsync(parsed.RootElement, new ToolCall("t", "u", "c", "test"), default)).Text;
    }
}
