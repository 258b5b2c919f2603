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
            var found = FilesHolding(box.DataHome, Marker(id));
            found.ShouldContain(file => file.Contains("/workflows/", StringComparison.Ordinal), $"{id} keeps a recipe with its marker");
            found.ShouldContain(file => file.Contains("/workflow-runs.db", StringComparison.Ordinal), $"{id} has run it");
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
        FilesHolding(box.DataHome, "alice-marker-78").ShouldAllBe(f => f.StartsWith(box.DataHome + "/alice/", StringComparison.Ordinal));
        FilesHolding(box.DataHome, "plain-marker-77").ShouldAllBe(f => f.StartsWith(box.DataHome + "/checkpoints.db", StringComparison.Ordinal) || f.StartsWith(box.DataHome + "/memory/", StringComparison.Ordinal));
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

    private static List<string> FilesHolding(string folder, string marker)
    {
        var bytes = Encoding.UTF8.GetBytes(marker);
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(bytes) >= 0)];
    }
}
