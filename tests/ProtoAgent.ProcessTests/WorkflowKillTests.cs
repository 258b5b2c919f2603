using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// The program killed at any time while it works on a run with branches side by side: the run ends, what was done is kept, no
/// effect is there twice. <c>PROTOAGENT_TEST_KILLS</c> says how often (README.md in this folder); the seed is in every message.
/// </summary>
public sealed class WorkflowKillTests
{
    private const int Branches = 4;
    private const int LongestLifeMs = 120;

    /// <summary>A turn that three processes died in is not tried again.</summary>
    private const int MostKillsOfARun = 2;

    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_KILLS") is { Length: > 0 } kills ? kills : "14", CultureInfo.InvariantCulture);

    [Fact]
    public async Task KilledAtRandom_TheRunEndsWithWhatWasDoneKeptAndNoEffectTwice()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        using var over = new CancellationTokenSource();
        var answering = AnswerAsync(model, over.Token);
        var file = box.File("many.yaml", Recipe());
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        (await box.RunAsync(["workflows", "save", file], "alice")).ExitCode.ShouldBe(0);
        var (killed, taken, done) = (0, 0, 0);

        // Longer if chance will have it that no kill met what it is for.
        for (var number = 1; killed < s_kills || ((taken == 0 || done == 0) && killed < 5 * s_kills); number++)
        {
            var id = await BeginAsync(agent, number);
            var seen = new Dictionary<string, string>();
            var before = killed;
            do
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * LongestLifeMs));
                Remember(seen, await agent.GetAsync($"/api/workflows/runs/{id}"), $"seed {seed}, kill {killed}");
                await agent.KillAsync();
                killed++;
                agent = await box.ServeAsync("alice", environment: model.Environment);
            }
            while (killed < before + MostKillsOfARun && random.Next(3) == 0);

            done += await CheckAsync(agent, id, number, seen, $"seed {seed}, kill {killed}") ? 1 : 0;
            taken += agent.Log.Contains("event=workflow_taken", StringComparison.Ordinal) ? 1 : 0;
        }

        taken.ShouldBeGreaterThan(0, $"seed {seed}: no kill met a run at work");
        done.ShouldBeGreaterThan(0, $"seed {seed}: no run came to its end whole");
        await over.CancelAsync();
        await answering;
    }

    /// <summary>In each branch a file, a thought, and an edit that may not be repeated; all of them joined.</summary>
    private static string Recipe()
    {
        var text = new StringBuilder("name: many\ninputs: {n: {type: number}}\nmax_concurrency: 4\nsteps:\n");
        for (var i = 0; i < Branches; i++)
        {
            text.Append($"  - {{id: file{i}, tool: write_file, arguments: {{path: 'log-{{{{inputs.n}}}}-{i}.txt', content: \"END\\n\"}}}}\n");
            text.Append($"  - {{id: think{i}, prompt: 'think {{{{inputs.n}}}} {i}', depends_on: file{i}}}\n");
            text.Append($"  - {{id: edit{i}, tool: edit_file, arguments: {{path: 'log-{{{{inputs.n}}}}-{i}.txt', old_text: END, new_text: \"{{{{steps.think{i}.output}}}}\\nEND\"}}}}\n");
        }

        return text.Append($"  - {{id: join, prompt: 'join {string.Join(' ', Enumerable.Range(0, Branches).Select(i => $"{{{{steps.think{i}.output}}}}"))}'}}\n").ToString();
    }

    private static async Task<string> BeginAsync(AgentProcess agent, int number)
    {
        using var answer = await agent.Http.PostAsync("/api/workflows/many/run", AgentProcess.JsonContent(new JsonObject { ["inputs"] = new JsonObject { ["n"] = number } }));
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["run_id"]!;
    }

    /// <summary>What was said to be done stays so, to the letter.</summary>
    private static void Remember(Dictionary<string, string> seen, JsonNode run, string context)
    {
        foreach (var step in run["steps"]!.AsArray().Where(s => (string)s!["status"]! == "done"))
        {
            var said = $"{step!["attempt"]} {step["finished_at"]} {step["output"]}";
            seen.TryAdd((string)step["id"]!, said);
        }

        foreach (var (id, said) in seen)
        {
            var now = run["steps"]!.AsArray().Single(s => (string)s!["id"]! == id)!;
            $"{now["attempt"]} {now["finished_at"]} {now["output"]}".ShouldBe(said, $"{context}: step {id}");
        }
    }

    /// <summary>Whether the run was done; else it failed for the one reason that excuses it.</summary>
    private static async Task<bool> CheckAsync(AgentProcess agent, string id, int number, Dictionary<string, string> seen, string context)
    {
        JsonNode run;
        do
        {
            run = await agent.GetAsync($"/api/workflows/runs/{id}?wait=20&version=1");
        }
        while ((string)run["status"]! == "running");
        Remember(seen, run, context);
        var steps = run["steps"]!.AsArray().ToDictionary(s => (string)s!["id"]!, s => s!);
        steps.Values.ShouldAllBe(s => (long)s["attempt"]! == 1, $"{context}: a crash is no attempt");
        foreach (var (step, state) in steps)
        {
            var unknown = step.StartsWith("edit", StringComparison.Ordinal) && (string?)state["error"]?["code"] == "outcome_unknown";
            ((string)state["status"]! == "done" || unknown).ShouldBeTrue($"{context}: {step} {state.ToJsonString()}");
        }

        ((string)steps["join"]["output"]!).ShouldBe($"joined {string.Join(' ', Enumerable.Range(0, Branches).Select(i => $"thought {number} {i}"))}", context);
        for (var i = 0; i < Branches; i++)
        {
            // Not idempotent, so never repeated: unknown is the one excuse for its absence, and nothing excuses a second time.
            var isDone = (string)steps[$"edit{i}"]["status"]! == "done";
            var lines = await File.ReadAllLinesAsync(Path.Combine(agent.InstanceRoot, "workspace", $"log-{number}-{i}.txt"));
            lines.Count(l => l == $"thought {number} {i}").ShouldBeInRange(isDone ? 1 : 0, 1, $"{context}: branch {i}\n{string.Join('\n', lines)}");
        }

        return (string)run["status"]! == "done";
    }

    private static async Task AnswerAsync(ScriptedModel model, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var call = await model.NextAsync(over);
                var asked = call.LastUserMessage ?? "";
                try
                {
                    await call.ReplyAsync(asked.StartsWith("think ", StringComparison.Ordinal) ? $"thought {asked["think ".Length..]}" : $"joined {asked["join ".Length..]}");
                }
                catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
                {
                    // Who asked was killed.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
