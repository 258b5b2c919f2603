using CsCheck;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Context;

/// <summary>Whatever a thread holds and however small the budget, a provider takes what comes out.</summary>
public sealed class ContextWindowTests
{
    private static readonly Gen<(int Question, (int Arguments, int[] Results, int Text)[] Rounds, int Answer)> s_turn = Gen.Select(
        Gen.Int[1, 3000],
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 9000].Array[1, 3], Gen.Int[0, 500]).Array[0, 4],
        Gen.Int[1, 3000]);

    [Fact]
    public void Fit_AnyThread_IsWellFormedAndKeepsTheQuestion() => Gen.Select(s_turn.Array[1, 6], Gen.Int[500, 20_000]).Sample((turns, budget) =>
    {
        var entries = Entries(turns);
        var messages = new ContextWindow(budget).Fit(entries);

        // Each result follows the answer that called for it, and each call has its result.
        var open = new HashSet<string>();
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                var results = message.Contents.Cast<FunctionResultContent>().Select(r => r.CallId).ToList();
                results.Order().ShouldBe(open.Order());
                open.Clear();
            }
            else
            {
                open.ShouldBeEmpty();
                open = [.. message.Contents.OfType<FunctionCallContent>().Select(c => c.CallId)];
            }
        }

        open.ShouldBeEmpty();
        messages[0].Role.ShouldBe(ChatRole.User);
        var question = $"question {turns.Length - 1} ";
        messages.ShouldContain(m => m.Role == ChatRole.User && m.Text.Contains(question));
        var last = entries.Skip(entries.FindLastIndex(e => e.Kind is StepKind.User or StepKind.Assistant)).Sum(e => e.Tokens);
        Weight(messages).ShouldBeLessThanOrEqualTo(Math.Max(budget, last + (budget / 4)) + 100);
    });

    [Fact]
    public void SummaryThrough_AnyThread_StandsForWholeTurnsBeforeTheRunningOne() => Gen.Select(s_turn.Array[1, 6], Gen.Int[500, 20_000]).Sample((turns, budget) =>
    {
        var entries = Entries(turns);
        var running = $"turn{turns.Length - 1}";
        if (new ContextWindow(budget).SummaryThrough(entries, running) is not { } through)
        {
            turns.Length.ShouldBe(1);
            return;
        }

        var next = entries.Single(e => e.Seq == through + 1);
        next.Kind.ShouldBe(StepKind.User);
        entries.Where(e => e.Seq <= through).ShouldAllBe(e => e.TurnId != running && e.TurnId != next.TurnId);

        // The summary once made, what is left is summarised again only when it has grown.
        var summarised = new List<ThreadEntry> { new(entries.Count + 1, running, StepKind.Summary, new StepContent("short"), through) };
        summarised.AddRange(entries.Where(e => e.Seq > through));
        (new ContextWindow(budget).SummaryThrough(summarised, running) is not { } again || again > through).ShouldBeTrue();
    });

    [Fact]
    public void Shorten_AnyText_KeepsHeadAndTailAndNoHalfCharacter() => Gen.Select(Gen.Char[' ', 'z'].Select(c => c > 'm' ? "😀" : $"{c}").Array[0, 300], Gen.Int[10, 200]).Sample((parts, characters) =>
    {
        var text = string.Concat(parts);
        var shown = ContextWindow.Shorten(text, characters);
        shown.EnumerateRunes().ShouldNotContain(System.Text.Rune.ReplacementChar);
        (text.Length <= characters ? shown == text : shown.Contains("left out") && shown[0] == text[0] && shown[^1] == text[^1]).ShouldBeTrue();
    });

    private static List<ThreadEntry> Entries((int Question, (int Arguments, int[] Results, int Text)[] Rounds, int Answer)[] turns)
    {
        var entries = new List<ThreadEntry>();
        for (var t = 0; t < turns.Length; t++)
        {
            var turn = $"turn{t}";
            Add(turn, StepKind.User, new StepContent($"question {t} {new string('q', turns[t].Question)}"));
            foreach (var round in turns[t].Rounds)
            {
                Add(turn, StepKind.Assistant, new StepContent(new string('s', round.Text)));
                var calls = round.Results.Select((_, i) => $"{entries.Count}-{i}").ToList();
                calls.ForEach(c => Add(turn, StepKind.ToolCall, new StepContent("") { CallId = c, Tool = "look", Arguments = $$"""{"a":"{{new string('a', round.Arguments)}}"}""" }));
                for (var i = 0; i < calls.Count; i++)
                {
                    Add(turn, StepKind.ToolResult, new StepContent(new string('r', round.Results[i])) { CallId = calls[i], Tool = "look", Status = "ok" });
                }
            }

            if (t < turns.Length - 1)
            {
                Add(turn, StepKind.Assistant, new StepContent(new string('w', turns[t].Answer)));
            }
        }

        return entries;

        void Add(string turn, StepKind kind, StepContent content) => entries.Add(new ThreadEntry(entries.Count + 1, turn, kind, content));
    }

    private static int Weight(IEnumerable<ChatMessage> messages) => messages.SelectMany(m => m.Contents).Sum(c => c switch
    {
        TextContent text => text.Text.Length / 4,
        FunctionResultContent result => result.Result!.ToString()!.Length / 4,
        FunctionCallContent call => call.Arguments!.Sum(a => a.Value!.ToString()!.Length) / 4,
        _ => 0,
    });
}
