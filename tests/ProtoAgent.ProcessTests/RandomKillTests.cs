using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// The program killed at any time while it works on turns with side effects: each turn ends, each effect is there once.
/// <c>PROTOAGENT_TEST_KILLS</c> says how often (README.md in this folder); the seed is in every message.
/// </summary>
public sealed class RandomKillTests
{
    private const int Rounds = 3;
    private const int LongestLifeMs = 40;

    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_KILLS") is { Length: > 0 } kills ? kills : "24", CultureInfo.InvariantCulture);

    [Fact]
    public async Task KilledAtRandom_EveryTurnEndsAndEveryEffectIsThereOnce()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        using var over = new CancellationTokenSource();
        var answering = AnswerAsync(model, over.Token);
        var settings = box.File("config.yaml", "turns:\n  resume: always\n");
        var turns = new List<string>();
        var resumed = 0;

        // Longer if chance will have it that no kill met a turn at work.
        for (var killed = 0; killed < s_kills || (resumed == 0 && killed < 5 * s_kills);)
        {
            var agent = await box.ServeAsync("alice", ["--config", settings], model.Environment);
            turns.Add(await BeginAsync(agent, turns.Count));
            await LiveForAWhileAsync(random);
            await agent.KillAsync();
            killed++;
            if (random.Next(3) == 0)
            {
                var again = await box.ServeAsync("alice", ["--config", settings], model.Environment);
                await LiveForAWhileAsync(random);
                await again.KillAsync();
                killed++;
            }

            var survivor = await box.ServeAsync("alice", ["--config", settings], model.Environment);
            await CheckAsync(survivor, turns.Count - 1, turns[^1], $"seed {seed}, kill {killed}");
            resumed += survivor.Log.Contains("event=turn_resumed", StringComparison.Ordinal) ? 1 : 0;
            await survivor.KillAsync();
        }

        resumed.ShouldBeGreaterThan(0, $"seed {seed}: no kill met a turn at work");
        await over.CancelAsync();
        await answering;
    }

    /// <summary>The kill is to come at any time, not after something.</summary>
    private static Task LiveForAWhileAsync(Random random) => Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * LongestLifeMs));

    private static async Task<string> BeginAsync(AgentProcess agent, int number)
    {
        var body = $$"""{"message":"work {{number}}","session_id":"t{{number}}","detach":true}""";
        using var accepted = await agent.Http.PostAsync("/api/chat", new StringContent(body, Encoding.UTF8, "application/json"));
        return (string)JsonNode.Parse(await accepted.Content.ReadAsStringAsync())!["turn_id"]!;
    }

    private static async Task CheckAsync(AgentProcess agent, int number, string turn, string context)
    {
        JsonNode state;
        do
        {
            state = await agent.GetAsync($"/api/chat/turns/{turn}");
        }
        while ((string)state["status"]! == "running");
        ((string)state["status"]!).ShouldBe("done", $"{context}: {state.ToJsonString()}");

        var steps = (await agent.GetAsync($"/api/chat/sessions/t{number}/messages?limit=500"))["items"]!.AsArray();
        var results = steps.Where(s => (string)s!["role"]! == "tool_result").Select(s => $"{s!["tool"]} {s["status"]}").ToList();
        results.Count.ShouldBe(2 * Rounds, context);
        results.Where(r => r.StartsWith("write_file", StringComparison.Ordinal)).ShouldAllBe(r => r == "write_file ok", context);
        ((string)steps[^1]!["text"]!).ShouldBe($"done with {number}", context);

        // Not idempotent, so never repeated: unknown is the one excuse for its absence, and nothing excuses a second time.
        var edits = results.Where(r => r.StartsWith("edit_file", StringComparison.Ordinal)).ToList();
        var log = await File.ReadAllLinesAsync(Path.Combine(agent.InstanceRoot, "workspace", $"log{number}.txt"));
        for (var round = 1; round <= Rounds; round++)
        {
            var times = log.Count(l => l == $"round {round}");
            times.ShouldBeInRange(edits[round - 1] == "edit_file ok" ? 1 : 0, 1, $"{context}: {string.Join(", ", results)}\n{string.Join('\n', log)}");
        }
    }

    /// <summary>Decides by what it is told alone, as whichever process asks must be told the same.</summary>
    private static async Task AnswerAsync(ScriptedModel model, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var call = await model.NextAsync(over);
                var number = (call.LastUserMessage ?? "").Split(' ')[1];
                var round = (call.AllResults / 2) + 1;
                try
                {
                    await (round > Rounds
                        ? call.ReplyAsync($"done with {number}")
                        : call.CallAsync(
                            ("write_file", $$"""{"path":"{{(round == 1 ? $"log{number}" : $"other{number}")}}.txt","content":"END\n"}"""),
                            ("edit_file", $$"""{"path":"log{{number}}.txt","old_text":"END","new_text":"round {{round}}\nEND"}""")));
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
