using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Instances on one data home never touch each other's data.</summary>
public sealed class IsolationTests
{
    private const int Instances = 12;

    [Fact]
    public async Task TwelveInstances_OnOneHome_EachMarkerOnlyUnderItsOwnPaths()
    {
        await using var box = new Sandbox();
        string[] ids = [.. Enumerable.Range(0, Instances).Select(i => $"agent{(i % 2 == 0 ? "-" : ".")}{i}")];
        var own = new Dictionary<string, string[]>();
        await Task.WhenAll(ids.Select(async id =>
        {
            var agent = await box.ServeAsync(id);
            for (var turn = 0; turn < 3; turn++)
            {
                (await agent.ChatAsync($"{Marker(id)} turn {turn}", "one")).ShouldContain(Marker(id));
            }

            await RunWorkflowAsync(agent, Marker(id));
            await FillAsync(agent, Marker(id));

            // What it remembers of them is written behind the turns, and before this is answered.
            await agent.GetAsync("/api/memory/sessions/one");
            var paths = JsonNode.Parse((await box.RunAsync(["paths", "--json"], id)).Output)!;
            lock (own)
            {
                own[id] = [(string)paths["root"]! + "/", .. paths["paths"]!.AsArray().Where(p => !((string)p!["store"]!).StartsWith("box_", StringComparison.Ordinal)
                    && (string)p["store"]! != "registry").Select(p => (string)p!["path"]!)];
            }

            // The write-ahead log holds the last pages until it stops: look at both, running and stopped.
            if (id.EndsWith('3'))
            {
                (await agent.TerminateAsync()).ShouldBe(0);
            }
        }));

        foreach (var id in ids)
        {
            var found = await box.FilesHoldingAsync(Marker(id));
            foreach (var store in (string[])
            [
                $"/{id}/checkpoints.db", $"/{id}/workflows/", $"/{id}/workflow-runs.db", $"/{id}/skills/", $"/{id}/memory/", $"/knowledge/{id}/agent.db",
                $"/scheduler/{id}/protoagent/jobs.db", $"/inbox/{id}/protoagent.db", $"/activity/{id}/protoagent.db",
            ])
            {
                found.ShouldContain(file => file.StartsWith(box.DataHome + store, StringComparison.Ordinal), $"{id} keeps its marker in {store}");
            }

            found.ShouldAllBe(file => own[id].Any(p => file.StartsWith(p, StringComparison.Ordinal)), $"{Marker(id)} belongs to {id} alone");
        }
    }

    [Fact]
    public async Task ManyInstances_OnOneHome_SeeEachOtherAndAreNoSiblings()
    {
        await using var box = new Sandbox();
        var alice = await box.ServeAsync("alice");
        var bob = await box.ServeAsync("bob");

        var listed = (await alice.GetAsync("/api/instances")).AsArray();
        listed.Select(i => (string)i!["instance"]!).ShouldBe(["alice", "bob"]);
        listed.Select(i => (int)i!["port"]!).ShouldBe([alice.Port, bob.Port]);
        (await alice.WarningsAsync()).ShouldBeEmpty();
        (await bob.WarningsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unscoped_BesideScoped_NeitherSeesTheOthersThreads()
    {
        await using var box = new Sandbox();
        var plain = await box.ServeAsync();
        var alice = await box.ServeAsync("alice");
        await plain.ChatAsync("plain-marker-77", "shared-name");
        await alice.ChatAsync("alice-marker-78", "shared-name");

        (await plain.MessagesAsync("shared-name")).ShouldNotContain(m => m.Contains("alice-marker-78"));
        (await alice.MessagesAsync("shared-name")).ShouldNotContain(m => m.Contains("plain-marker-77"));
        (await box.FilesHoldingAsync("alice-marker-78")).ShouldAllBe(f => f.StartsWith(box.DataHome + "/alice/", StringComparison.Ordinal));
        (await box.FilesHoldingAsync("plain-marker-77")).ShouldAllBe(f => f.StartsWith(box.DataHome + "/checkpoints.db", StringComparison.Ordinal) || f.StartsWith(box.DataHome + "/memory/", StringComparison.Ordinal));
    }

    /// <summary>The marker goes into every other store: knowledge, a hot fact, a skill, a job that runs, what it did, and the inbox.</summary>
    private static async Task FillAsync(AgentProcess agent, string marker)
    {
        await PostAsync("/api/knowledge/chunks", new JsonObject { ["content"] = $"What {marker} is." });
        await PostAsync("/api/memory/hot", new JsonObject { ["content"] = $"Always think of {marker}." });
        using var skill = new StringContent($"---\nname: mine\ndescription: Deals with {marker}.\n---\nLook at {marker}.\n", Encoding.UTF8, "text/markdown");
        (await agent.Http.PutAsync("/api/skills/mine", skill)).IsSuccessStatusCode.ShouldBeTrue();
        await agent.AddJobAsync("mine", "@yearly", $"{marker} by itself");
        await PostAsync("/api/scheduler/jobs/mine/run", body: null);
        await agent.HappenedAsync("activity.message", line => ((string)line["text"]!).Contains(marker, StringComparison.Ordinal));
        await PostAsync("/api/inbox", new JsonObject { ["text"] = $"{marker} waits", ["priority"] = "later" });

        async Task PostAsync(string path, JsonNode? body)
        {
            var (status, answer) = await agent.SendAsync(HttpMethod.Post, path, body);
            ((int)status).ShouldBeInRange(200, 299, answer?.ToJsonString());
        }
    }

    /// <summary>A recipe and a run of it, both with the marker.</summary>
    private static async Task RunWorkflowAsync(AgentProcess agent, string marker)
    {
        using var recipe = new StringContent($"name: mine\ninputs: {{what: {{}}}}\nsteps: [{{id: a, prompt: '{marker} {{{{inputs.what}}}}'}}]\n", Encoding.UTF8, "application/yaml");
        (await agent.Http.PutAsync("/api/workflows/mine", recipe)).IsSuccessStatusCode.ShouldBeTrue();
        using var begun = await agent.Http.PostAsync("/api/workflows/mine/run", AgentProcess.JsonContent(new JsonObject { ["inputs"] = new JsonObject { ["what"] = marker } }));
        var id = (string)JsonNode.Parse(await begun.Content.ReadAsStringAsync())!["run_id"]!;
        JsonNode run;
        do
        {
            run = await agent.GetAsync($"/api/workflows/runs/{id}?wait=20&version=1");
        }
        while ((string)run["status"]! == "running");
        ((string)run["output"]!).ShouldContain(marker);
    }

    private static string Marker(string id) => $"zebra_{id}_crossing";
}
