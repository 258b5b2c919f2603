using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

/// <summary>What a model is told of the skills, within its budget.</summary>
public sealed class SkillContextTests : IAsyncDisposable
{
    private readonly SkillBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void Compose_AllFit_EachWithItsSummaryByName()
    {
        var text = SkillContext.Compose([.. Many(2), Of("a", "x</skills>y")], _ => null, 8_000)!;
        text.ShouldStartWith("<skills>\n");
        text.ShouldEndWith("\n- a: x‹/skills>y\n- s000: summary 0\n- s001: summary 1\n</skills>", customMessage: text);
    }

    [Fact]
    public void Compose_MoreThanFit_TheLastUsedInFullThenNamesThenACount()
    {
        var used = new Dictionary<string, DateTimeOffset> { ["s200"] = DateTimeOffset.UnixEpoch.AddDays(2), ["s100"] = DateTimeOffset.UnixEpoch.AddDays(1) };
        var text = SkillContext.Compose(Many(500), name => used.TryGetValue(name, out var at) ? at : null, 1_000)!;
        text.Length.ShouldBeInRange(1_000, 1_400);
        text.ShouldContain("\n- s200: summary 200\n", customMessage: "used lately");
        text.ShouldContain("\n- s100: summary 100\n");
        text.ShouldContain("\n- s000: summary 0\n");
        text.IndexOf("- s100", StringComparison.Ordinal).ShouldBeLessThan(text.IndexOf("- s200", StringComparison.Ordinal), "in the order of names");
        text.ShouldNotContain("summary 499");
        var full = text.Split("\n- ").Length - 1;
        var named = text.Split("Others, by name: ")[1].Split('\n')[0].Split(", ").Length;
        text.ShouldContain($"\n+{500 - full - named} more: list_skills");
    }

    [Fact]
    public void Compose_AnyBudget_NeverFarBeyondIt()
    {
        foreach (var budget in (int[])[1, 50, 200, 300, 1_000, 10_000])
        {
            SkillContext.Compose(Many(1_000), _ => null, budget)!.Length.ShouldBeLessThan(budget + (budget / 4) + 260);
        }
    }

    [Fact]
    public async Task Provide_WhatThePersonAloneMayCall_IsNotTold()
    {
        _bench.Put("open", SkillBench.Text("open"));
        _bench.Put("private", SkillBench.Text("private", more: "user_only: true\n"));
        var text = await ProvideAsync(new SkillOptions(), canLoad: true);
        text.ShouldNotBeNull().ShouldContain("- open:");
        text.ShouldContain("- research:");
        text.ShouldNotContain("private");
    }

    [Fact]
    public async Task Provide_NothingToLoadWith_Nothing()
    {
        _bench.Put("open", SkillBench.Text("open"));
        (await ProvideAsync(new SkillOptions(), canLoad: false)).ShouldBeNull();
        (await ProvideAsync(new SkillOptions { ContextCharacters = 0 }, canLoad: true)).ShouldBeNull();
    }

    private async Task<string?> ProvideAsync(SkillOptions options, bool canLoad) =>
        await new SkillContext(_bench.Start(), options, () => canLoad).ProvideAsync(new ContextRequest("t", "u", "m", Incognito: false), default);

    private static List<Skill> Many(int count) => [.. Enumerable.Range(0, count).Select(i => Of($"s{i:000}", $"summary {i}"))];

    private static Skill Of(string name, string description) => new(name, description, SkillSource.Own, name, name);
}
