using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// The owner of a schedule killed again and again while it works a job that is due every second and both processes chat: the
/// one that waits takes over each time. <c>PROTOAGENT_TEST_TAKEOVERS</c> says how often (README.md in this folder); the seed is in
/// every message.
/// </summary>
public sealed class TakeoverTests
{
    private const int Chatters = 2;

    /// <summary>A process that has only just taken over is killed too, but never two in a row: three deaths in one turn would end it.</summary>
    private const int SoonInOneOf = 4;

    private static readonly int s_takeovers = int.Parse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_TAKEOVERS") is { Length: > 0 } takeovers ? takeovers : "8", CultureInfo.InvariantCulture);
    private static readonly TimeSpan s_chatPause = TimeSpan.FromMilliseconds(20);

    private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();
    private volatile AgentProcess[] _serving = [];

    [Fact]
    public async Task OwnerKilledAgainAndAgain_OneRowPerSlot_NoSlotWithout_NoEffectTwice()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        using var over = new CancellationTokenSource();
        var answering = AnswerAsync(model, over.Token);
        var (owner, waiter) = (await ServeAsync(box, model), await ServeAsync(box, model));
        var log = Path.Combine(Directory.CreateDirectory(Path.Combine(owner.InstanceRoot, "workspace")).FullName, "log.txt");
        await File.WriteAllTextAsync(log, "END\n");
        _serving = [owner, waiter];
        await owner.AddJobAsync("clock", Schedule.EverySecond, "strike", "clock", new JsonObject { ["missed"] = "fire_all", ["overlap"] = "parallel" });
        var chatting = Task.WhenAll(Enumerable.Range(0, Chatters).Select(i => Task.Run(() => ChatAsync(i, over.Token))));
        var (slowest, soon, recovered) = (TimeSpan.Zero, false, false);

        // Longer if chance will have it that no kill met a run at work.
        for (var takeover = 1; takeover <= s_takeovers || (!recovered && takeover <= 5 * s_takeovers); takeover++)
        {
            soon = !soon && random.Next(SoonInOneOf) == 0;
            await MomentAsync(random, soon);
            var killed = DateTimeOffset.UtcNow;
            await owner.KillAsync();
            owner = waiter;
            await owner.LoggedAsync("event=scheduler_took_over");
            var took = owner.LoggedAt("event=scheduler_took_over") - killed;
            took.ShouldBeLessThan(TimeSpan.FromSeconds(1), $"seed {seed}, takeover {takeover}");
            slowest = took > slowest ? took : slowest;
            waiter = await ServeAsync(box, model);
            recovered |= owner.Log.Split('\n').Any(l => l.Contains("event=run_recovered", StringComparison.Ordinal) && !l.Contains("(0 so far)", StringComparison.Ordinal));
            _serving = [owner, waiter];
        }

        await MomentAsync(random, soon: false);
        await owner.PauseJobAsync("clock");
        var runs = await owner.EndedRunsAsync("clock");
        await over.CancelAsync();
        await Task.WhenAll(answering, chatting);
        await CheckAsync(owner, runs, await File.ReadAllLinesAsync(log), $"seed {seed}, {s_takeovers} takeovers", slowest);
    }

    private static async Task CheckAsync(AgentProcess owner, List<JsonNode> runs, string[] log, string context, TimeSpan slowest)
    {
        runs.ShouldHaveEverySlotOnce(context);
        if ((string?)runs[^1]["reason"] == "paused")
        {
            // Due when the test paused it.
            runs.RemoveAt(runs.Count - 1);
        }

        runs.Where(r => (string)r["status"]! != "done").Select(r => r.ToJsonString()).ShouldBeEmpty(context);
        var edits = await EditsAsync(owner);
        var unknown = 0;
        foreach (var run in runs)
        {
            var slot = Struck(Schedule.Due(run).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            var edit = edits.GetValueOrDefault((string)run["turn_id"]!, []).ShouldHaveSingleItem($"{context}: {run.ToJsonString()}");
            edit.ShouldBeOneOf("ok", "unknown");
            unknown += edit == "unknown" ? 1 : 0;

            // Not idempotent, so never repeated: unknown is the one excuse for its absence, and nothing excuses a second time.
            log.Count(l => l == slot).ShouldBeInRange(edit == "ok" ? 1 : 0, 1, $"{context}: {run.ToJsonString()}");
        }

        log.Length.ShouldBeLessThanOrEqualTo(runs.Count + 1, context);
        runs.Sum(r => (int)r["crashes"]!).ShouldBeGreaterThan(0, $"{context}: no kill met a run at work");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{context}: {runs.Count} slots, {runs.Sum(r => (int)r["crashes"]!)} deaths in a run, {unknown} effects unknown, slowest takeover {slowest.TotalMilliseconds:0} ms"));
    }

    /// <summary>What became of each turn's calls of <c>edit_file</c>.</summary>
    private static async Task<Dictionary<string, List<string>>> EditsAsync(AgentProcess agent)
    {
        var edits = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await agent.GetAsync($"/api/chat/sessions/clock/messages?limit=500{(cursor is null ? "" : $"&cursor={cursor}")}");
            foreach (var result in page["items"]!.AsArray().Where(s => (string)s!["role"]! == "tool_result"))
            {
                edits.TryAdd((string)result!["turn_id"]!, []);
                edits[(string)result["turn_id"]!].Add((string)result["status"]!);
            }

            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        return edits;
    }

    /// <summary>A moment to kill at: soon after the takeover, when a turn of the schedule asks its model or a little later, or at any time of the second.</summary>
    private async Task MomentAsync(Random random, bool soon)
    {
        if (soon)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 40));
            return;
        }

        while (_asked.Reader.TryRead(out _))
        {
        }

        // A turn that has been told what it did has nothing left to do, so the next one to ask is another.
        while (!await AskedAsync())
        {
        }

        if (random.Next(3) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 1000));
            return;
        }

        while (await AskedAsync())
        {
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 10));
    }

    /// <summary>Whether the turn of a run that asks its model next has done its work.</summary>
    private async Task<bool> AskedAsync()
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        return await _asked.Reader.ReadAsync(late.Token);
    }

    private async Task ChatAsync(int chatter, CancellationToken over)
    {
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            try
            {
                var serving = _serving;
                using var answer = await serving[(i + chatter) % serving.Length].PostChatAsync("hello");
                await Task.Delay(s_chatPause, over);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // Whom it talked to was killed, or the test is over.
            }
        }
    }

    private static Task<AgentProcess> ServeAsync(Sandbox box, ScriptedModel model) =>
        box.ServeAsync("alice", environment: new(model.Environment) { ["PROTOAGENT_CONTEXT__BUDGET_TOKENS"] = "10000000" });

    private static string Struck(string due) => $"struck {due}";

    /// <summary>Decides by what it is told alone, as whichever process asks must be told the same.</summary>
    private async Task AnswerAsync(ScriptedModel model, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var call = await model.NextAsync(over);
                var (due, done) = (Schedule.DueTold(call), call.Results.Count > 0);
                if (due is not null)
                {
                    _asked.Writer.TryWrite(done);
                }

                try
                {
                    await (due is null || done
                        ? call.ReplyAsync("done")
                        : call.CallAsync(("edit_file", $$"""{"path":"log.txt","old_text":"END","new_text":"{{Struck(due)}}\nEND"}""")));
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
