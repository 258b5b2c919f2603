using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Secrets stay where they were put: a different one in every setting that takes one, every door used and misused, then a crash.</summary>
public sealed partial class SecretTests
{
    private const int Abort = 6;

    /// <summary>None is a part of another, nor anything that is there anyway.</summary>
    private static readonly Dictionary<string, string> s_secrets = new()
    {
        ["auth.token"] = "zq1-operator-token-7f3a",
        ["auth.federation_token"] = "zq2-federation-token-91bc",
        ["model.api_key"] = "zq3-model-key-55d0",
        ["model.anthropic_api_key"] = "zq4-anthropic-key-1e77",
        ["models.other.api_key"] = "zq5-further-key-aa02",
        ["knowledge.embeddings.api_key"] = "zq6-embedding-key-c3d9",
        ["telemetry.otlp_headers"] = "Authorization=zq7-collector-key-4b4b",
        ["mcp.servers.fix.env.GIVEN_TOKEN"] = "zq8-server-variable-60fe",
        ["mcp.servers.web.headers.X-Api-Key"] = "zq9-server-header-d81c",
    };

    private static readonly string[] s_values = [.. s_secrets.Values.Select(v => v[(v.IndexOf('=', StringComparison.Ordinal) + 1)..]), "zq10-mistyped-token-0b1d"];

    [Fact]
    public async Task Secrets_EverywhereTheyAreTaken_AreInNothingTheInstanceWritesOrSays()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var dead = "http://127.0.0.1:9";
        var secrets = box.File("home/.protoagent/alice/secrets.yaml", string.Join('\n', s_secrets.Where(s => !s.Key.StartsWith("mcp.", StringComparison.Ordinal)).Select(s => $"{s.Key}: \"{s.Value}\"")));
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        box.File("home/.protoagent/alice/config.yaml",
            $$$"""
            model: {provider: openai, base_url: "{{{model.Environment["PROTOAGENT_MODEL_BASE_URL"]}}}", name: scripted, retries: 0}
            models: {other: {provider: openai, base_url: "{{{dead}}}/v1", model: gone}}
            knowledge: {embeddings: {model: vectors, base_url: "{{{dead}}}/v1"}}
            telemetry: {otlp_endpoint: "{{{dead}}}"}
            logging: {level: trace}
            mcp:
              servers:
                fix: {command: "{{{ProgramUnderTest.McpFixture}}}", env: {GIVEN_TOKEN: "${FOR_SERVER}"}}
                web: {url: "{{{dead}}}/mcp", headers: {X-Api-Key: "${FOR_HEADER}"}}
            """);
        var environment = new Dictionary<string, string> { ["FOR_SERVER"] = s_secrets["mcp.servers.fix.env.GIVEN_TOKEN"], ["FOR_HEADER"] = s_secrets["mcp.servers.web.headers.X-Api-Key"] };
        var agent = await box.ServeAsync("alice", environment: environment);
        var said = new StringBuilder();
        async Task AskAsync(HttpMethod method, string path, string? body = null, string? token = null)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? s_secrets["auth.token"]}");
            using var answer = await agent.Http.SendAsync(request);
            said.Append(answer.Headers).Append(await answer.Content.ReadAsStringAsync()).Append('\n');
        }

        string[] paths =
        [
            "/healthz", "/readyz", "/api/runtime/status", "/api/instances", "/api/config", "/api/config/explain", "/api/tools", "/api/subagents", "/api/mcp/servers", "/api/telemetry/recent",
            "/v1/models", "/openapi/v1.json", "/.well-known/agent-card.json", "/metrics", "/nowhere", "/",
        ];
        foreach (var path in paths)
        {
            await AskAsync(HttpMethod.Get, path);
            await AskAsync(HttpMethod.Get, path, token: s_secrets["auth.federation_token"]);
            await AskAsync(HttpMethod.Get, path, token: "zq10-mistyped-token-0b1d");
        }

        // One turn that ends well, one whose model answers an error with the key in it, as some endpoints do, one whose endpoint is gone.
        var chat = AskAsync(HttpMethod.Post, "/api/chat", """{"message":"hello","session_id":"s1"}""");
        var call = await model.NextAsync();
        call.Authorization.ShouldBe($"Bearer {s_secrets["model.api_key"]}");
        await call.ReplyAsync("hi");
        await chat;
        chat = AskAsync(HttpMethod.Post, "/api/chat", """{"message":"again","session_id":"s1"}""");
        await (await model.NextAsync()).FailAsync(401, $$$"""{"error":{"message":"Incorrect API key provided: {{{s_secrets["model.api_key"]}}}"}}""");
        await chat;
        await AskAsync(HttpMethod.Post, "/api/chat", """{"message":"elsewhere","session_id":"s2","model":"other"}""");
        await AskAsync(HttpMethod.Post, "/v1/chat/completions", "{");
        await AskAsync(HttpMethod.Post, "/api/knowledge/chunks", """{"content":"A note that needs a vector."}""");
        await AskAsync(HttpMethod.Get, "/api/knowledge/search?q=note");
        await AskAsync(HttpMethod.Get, "/api/chat/sessions/s1/messages");
        await AskAsync(HttpMethod.Get, "/api/mcp/servers");
        said.ToString().ShouldContain("********");

        // The limit is what keeps the kernel from writing a core, into a file or a pipe.
        var limits = await File.ReadAllLinesAsync($"/proc/{agent.Pid}/limits");
        limits.Single(l => l.StartsWith("Max core file size", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4].ShouldBe("1");
        (await File.ReadAllTextAsync($"/proc/{agent.Pid}/cmdline")).ShouldNotContain("zq");

        // The JIT's runtime takes the first one for its own and only heeds the second.
        var gone = agent.ExitAsync();
        while (!gone.IsCompleted && Signal(agent.Pid, Abort) == 0)
        {
            await Task.Yield();
        }

        (await gone).ShouldNotBe(0);
        var explained = await box.RunAsync(["config", "explain", "--json"], "alice", environment);
        var doctor = await box.RunAsync(["doctor"], "alice", environment);

        var found = new List<string>();
        void Look(string where, string text) => found.AddRange(s_values.Where(v => text.Contains(v, StringComparison.Ordinal)).Select(v => $"{v} in {where}"));
        Look("the answers", said.ToString());
        Look("the log", agent.Log);
        Look("config explain", explained.Output + explained.Error);
        Look("doctor", doctor.Output + doctor.Error);
        var files = Directory.GetFiles(box.Root, "*", SearchOption.AllDirectories);
        foreach (var file in files.Where(f => f != secrets))
        {
            Look(file, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        }

        found.ShouldBeEmpty();
        files.ShouldNotContain(f => Path.GetFileName(f).StartsWith("core", StringComparison.Ordinal));

        // The search does find what is there.
        Look(secrets, await File.ReadAllTextAsync(secrets));
        found.Count.ShouldBe(7);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
