using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>The description of the HTTP surface, held against what is served.</summary>
public sealed class ApiTests
{
    private const string Skill = "---\nname: greet\ndescription: says hello\n---\nSay hello.\n";

    private const string Recipe =
        """
        name: letter
        description: a letter
        inputs:
          - { name: to, required: true }
        steps:
          - { id: draft, prompt: "Write to {{inputs.to}}.", gate: human }
        """;

    /// <summary>
    /// Every GET, and every write that can be done in peace, on an instance that has something of everything: each answer is one the
    /// document has, of the shape it says. A type that source generation missed answers 500 here, natively alone.
    /// </summary>
    [Fact]
    public async Task EveryRoute_OfAnInstanceWithSomethingOfEverything_AnswersAsTheDocumentSays()
    {
        await using var box = new Sandbox();
        box.File("home/.protoagent/alice/config.yaml", "subagents:\n  finder:\n    description: finds\n    prompt: You find.\n    tools: [calculator]\n");
        var agent = await box.ServeAsync("alice");
        var api = await ApiContract.ReadAsync(agent);
        var ids = await FillAsync(api);
        foreach (var operation in api.Operations.Where(o => o.StartsWith("GET ", StringComparison.Ordinal)))
        {
            await api.SendAsync(HttpMethod.Get, ids.Aggregate(operation[4..], (path, id) => path.Replace(id.Key, id.Value, StringComparison.Ordinal)));
        }

        await EmptyAsync(api, ids);

        // Those that want something this instance has not: an MCP server, a fact worth keeping, a turn to speak to.
        foreach (var operation in api.Operations.Where(o => !api.Answered.Contains(o)))
        {
            var (method, path) = (operation.Split(' ')[0], operation.Split(' ')[1]);
            await api.SendAsync(new HttpMethod(method), System.Text.RegularExpressions.Regex.Replace(path, "{[^}]*}", "none"), method is "GET" or "DELETE" ? null : "{}");
        }

        var never = api.Operations.Where(o => o.StartsWith("GET ", StringComparison.Ordinal)).Except(api.Answered)
            // Of a peer's task, which is made by a peer: tests/clients and PeerTests ask for each.
            .Where(o => !o.StartsWith("GET /a2a/", StringComparison.Ordinal))
            // Of a member, which is one more process: FleetTests asks for one.
            .Where(o => o != "GET /api/fleet/{name}").ToList();

        // What a session's server says unasked wants a session first: the tests with a client open it (tests/clients).
        // The console's files have names made of what is in them: tests/console loads each.
        never.ShouldBe(["GET /assets/{file}", "GET /mcp"], "every other GET answers with success somewhere");
        agent.Log.ShouldNotContain("level=error");
        (await agent.ChatAsync("still there?")).ShouldNotBeEmpty();
    }

    /// <summary>Something of everything; what stands in a path, by where it stands.</summary>
    private static async Task<List<KeyValuePair<string, string>>> FillAsync(ApiContract api)
    {
        var chat = (await PostAsync(api, "/api/chat", """{"message":"hello","session_id":"s1"}""", 200))!;
        await PostAsync(api, "/v1/chat/completions", """{"messages":[{"role":"user","content":"hello"}]}""", 200);
        var response = (await PostAsync(api, "/v1/responses", """{"input":"hello","tools":[{"type":"function","name":"look"}],"metadata":{"a":"b"}}""", 200))!;
        await PostAsync(api, "/api/chat/sessions/s1/fork", """{"session_id":"s2"}""", 201);
        await PostAsync(api, "/api/chat/sessions/s2/rewind", """{"step":1}""", 200);
        await PostAsync(api, "/api/chat", """{"message":"later","detach":true}""", 202);
        await PostAsync(api, "/api/subagents/run", """{"agent":"finder","prompt":"look"}""", 200);
        await PostAsync(api, "/api/scheduler/preview", """{"schedule":"@daily"}""", 200);
        await PostAsync(api, "/api/scheduler/jobs", """{"prompt":"p","schedule":"0 9 * * *","job_id":"j1"}""", 201);
        await PostAsync(api, "/api/scheduler/jobs", """{"prompt":"p","schedule":"0 9 * * *","job_id":"j1"}""", 200);
        await api.SendAsync(HttpMethod.Put, "/api/scheduler/jobs/j1", """{"prompt":"q","schedule":"0 9 * * *"}""", expected: 200);
        await PostAsync(api, "/api/scheduler/jobs/j1/pause", null, 200);
        await PostAsync(api, "/api/scheduler/jobs/j1/resume", null, 200);
        await PostAsync(api, "/api/scheduler/jobs/j1/run", null, 202);
        var item = (await PostAsync(api, "/api/inbox", """{"text":"note","dedup_key":"k"}""", 201))!["item"]!;
        await PostAsync(api, "/api/inbox", """{"text":"note","dedup_key":"k"}""", 200);
        var chunk = (await PostAsync(api, "/api/knowledge/chunks", """{"content":"The sea is salt.","source":"book"}""", 201))!;
        await PostAsync(api, "/api/knowledge/chunks", """{"content":"The sea is salt.","source":"book"}""", 200);
        await api.SendAsync(HttpMethod.Put, $"/api/knowledge/chunks/{chunk["id"]}", """{"heading":"Sea"}""", expected: 200);
        var ingest = (await PostAsync(api, "/api/knowledge/ingest", """{"text":"Tides come and go.","title":"Tides"}""", 202))!;
        var fact = (await PostAsync(api, "/api/memory/hot", """{"content":"Call her Ada."}""", 201))!;
        await api.SendAsync(HttpMethod.Put, $"/api/memory/hot/{fact["id"]}", """{"content":"Call her Ada!"}""", expected: 200);
        await api.SendAsync(HttpMethod.Put, "/api/skills/greet", Skill, "text/markdown", 201);
        await api.SendAsync(HttpMethod.Put, "/api/workflows/letter", Recipe, "application/yaml", 201);
        var run = (await PostAsync(api, "/api/workflows/letter/run", """{"inputs":{"to":"Ada"}}""", 202))!;
        await PostAsync(api, "/api/events/ticket", null, 200);
        await api.SendAsync(HttpMethod.Get, "/api/memory/sessions/s1", expected: 200);
        return
        [
            new("/chat/turns/{id}", $"/chat/turns/{chat["turn_id"]}"), new("/chat/sessions/{id}", "/chat/sessions/s1"), new("/memory/sessions/{id}", "/memory/sessions/s1"),
            new("/scheduler/jobs/{id}", "/scheduler/jobs/j1"), new("/knowledge/chunks/{id}", $"/knowledge/chunks/{chunk["id"]}"),
            new("/knowledge/ingest/{id}", $"/knowledge/ingest/{ingest["ingest_id"]}"), new("/skills/{name}", "/skills/greet"), new("/workflows/{name}", "/workflows/letter"),
            new("/workflows/runs/{id}", $"/workflows/runs/{run["run_id"]}"), new("/models/{id}", "/models/protoagent"), new("/v1/responses/{id}", $"/v1/responses/{response["id"]}"), new("/inbox/{id}", $"/inbox/{item["id"]}"),
            new("/memory/hot/{id}", $"/memory/hot/{fact["id"]}"),
        ];
    }

    /// <summary>Out again, each by its own route.</summary>
    private static async Task EmptyAsync(ApiContract api, List<KeyValuePair<string, string>> ids)
    {
        string At(string path) => "/api" + ids.Aggregate(path, (p, id) => p.Replace(id.Key, id.Value, StringComparison.Ordinal));
        await PostAsync(api, At("/inbox/{id}/deliver"), null, 200);
        await PostAsync(api, "/api/knowledge/delete-by-source", """{"source":"Tides"}""", 200);
        await PostAsync(api, "/api/knowledge/restore-by-source", """{"source":"Tides"}""", 200);
        await PostAsync(api, At("/workflows/runs/{id}/cancel"), null, 200);
        await PostAsync(api, At("/skills/{name}/promote"), null, 200);
        foreach (var (path, expected) in new[]
        {
            ("/inbox/{id}", 204), ("/scheduler/jobs/{id}", 200), ("/knowledge/chunks/{id}", 204), ("/memory/hot/{id}", 204), ("/skills/{name}", 204), ("/workflows/{name}", 204),
            ("/memory/sessions/{id}", 204), ("/chat/sessions/{id}", 204),
        })
        {
            await api.SendAsync(HttpMethod.Delete, At(path), expected: expected);
        }
    }

    private static Task<JsonNode?> PostAsync(ApiContract api, string path, string? body, int expected) => api.SendAsync(HttpMethod.Post, path, body, expected: expected);
}
