using ProtoAgent.Agent.Workflows;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Workflows;

public sealed class RecipeReaderTests
{
    [Fact]
    public void Read_EveryField_Understood()
    {
        var recipe = Good(
            """
            name: all-of-it
            description: Everything.
            max_concurrency: 2
            inputs:
              topic: {type: string, description: What about.}
              count: {type: number, default: 3}
              loud: {type: boolean, required: false}
              tags: {type: list, default: [a, 2]}
            steps:
              - id: fetch
                tool: fetch_url
                arguments: {url: "https://x/{{inputs.topic}}", n: 3, deep: [true, "{{inputs.count}}"]}
                retry: {times: 2, pause: 1m}
                timeout: 5m
              - id: think
                subagent: finder
                tools: [look, "web_*"]
                depends_on: fetch
                prompt: "About {{steps.fetch.output}} and {{inputs.tags}}"
                output: json
              - id: ask
                gate: human
                question: Is {{steps.think.output}} right?
            output: "{{steps.think.output}} / {{steps.ask.output}}"
            """);
        recipe.Name.ShouldBe("all-of-it");
        recipe.MaxConcurrency.ShouldBe(2);
        recipe.Inputs.Select(i => (i.Name, i.Type, i.Required, i.Default?.ToJsonString())).ShouldBe(
        [
            ("topic", InputType.String, true, null), ("count", InputType.Number, false, "3"), ("loud", InputType.Boolean, false, null), ("tags", InputType.List, false, """["a",2]"""),
        ]);
        var (fetch, think, ask) = (recipe.Steps[0], recipe.Steps[1], recipe.Steps[2]);
        (fetch.Tool, fetch.Retries, fetch.RetryPause, fetch.Timeout, fetch.Line).ShouldBe(("fetch_url", 2, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), 10));
        (think.Subagent, think.IsJson).ShouldBe(("finder", true));
        think.Tools.ShouldBe(["look", "web_*"]);
        think.WaitsFor.ShouldBe(["fetch"], ignoreOrder: true);
        ask.WaitsFor.ShouldBe(["think"], ignoreOrder: true, customMessage: "what is quoted is waited for");
        (ask.IsGate, ask.IsQuestion).ShouldBe((true, true));
    }

    [Fact]
    public void Read_InputsAsAList_TheSame() =>
        Good("name: w\ninputs:\n  - {name: x, type: number}\n  - name: y\nsteps: [{id: a, prompt: p}]").Inputs.Select(i => (i.Name, i.Type)).ShouldBe([("x", InputType.Number), ("y", InputType.String)]);

    [Fact]
    public void Read_ManyMistakes_AllOfThemAtOnceWithTheirLines()
    {
        Problems(
            """
            name: BadName
            colour: red
            inputs:
              x: {type: colour}
            steps:
              - id: a
                prompt: "{{inputs.nothing}}"
                timeout: soon
              - id: a
                prompt: |
                  first line
                  {{steps.nobody.output}}
                  {{what}}
              - id: c
                tool: t
                prompt: p
                depends_on: [zed]
                retry: 99
              - id: d
            output: "{{steps.c.output"
            """).ShouldBe(
        [
            (1, "capital"), (2, "colour"), (4, "no type"), (7, "no input"), (8, "timeout"), (9, "already"), (12, "output of no step"), (13, "no place"), (14, "which is no step"),
            (16, "no 'prompt'"), (18, "retry"), (19, "does nothing"), (20, "not closed"),
        ], ignoreOrder: false);
    }

    [Theory]
    [InlineData("steps: [{id: a, prompt: p, depends_on: b}, {id: b, prompt: p, depends_on: c}, {id: c, prompt: p, depends_on: a}]", "a → b → c → a")]
    [InlineData("steps: [{id: a, prompt: '{{steps.b.output}}'}, {id: b, prompt: p, depends_on: a}]", "a → b → a")]
    [InlineData("steps: [{id: a, prompt: p, depends_on: a}]", "'a' waits for itself")]
    public void Read_ACircle_NamedStepByStep(string steps, string circle) => Read($"name: w\n{steps}").ShouldHaveSingleItem().Message.ShouldContain(circle);

    [Theory]
    [InlineData("", 1, "mapping")]
    [InlineData("- a", 1, "mapping")]
    [InlineData("name: w\nsteps: [", 2, "YAML")]
    [InlineData("name: w\nname: v\nsteps: [{id: a, prompt: p}]", 2, "YAML")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p}]\n---\nname: v", 4, "second document")]
    [InlineData("x: &a [1]\nname: w\nsteps: *a", 3, "aliases")]
    [InlineData("name: w\nsteps: []", 2, "at least one")]
    [InlineData("name: w", 1, "no 'steps'")]
    [InlineData("steps: [{id: a, prompt: p}]", 1, "no 'name'")]
    [InlineData("name: runs\nsteps: [{id: a, prompt: p}]", 1, "runs of all")]
    [InlineData("name: ../x\nsteps: [{id: a, prompt: p}]", 1, "begin with")]
    [InlineData("name: w\nsteps: [{id: a/b, prompt: p}]", 2, "may hold only")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p, gate: dog}]", 2, "'human'")]
    [InlineData("name: w\nsteps: [{id: a, gate: human}]", 2, "question")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p, question: q}]", 2, "no 'gate: human'")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p, arguments: {x: 1}}]", 2, "no 'tool'")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p, promt: q}]", 2, "Did you mean 'prompt'")]
    [InlineData("name: w\nsteps: [{id: a, prompt: p, output: '{{x}}'}]", 2, "beside 'steps'")]
    [InlineData("name: w\ninputs: {n: {type: number, default: many}}\nsteps: [{id: a, prompt: p}]", 2, "a number")]
    [InlineData("name: w\nmax_concurrency: 17\nsteps: [{id: a, prompt: p}]", 2, "from 1 to 16")]
    public void Read_OneMistake_NamedWithItsLine(string yaml, int line, string says)
    {
        var problem = Read(yaml).ShouldHaveSingleItem();
        problem.Line.ShouldBe(line, problem.Message);
        problem.Message.ShouldContain(says);
    }

    [Fact]
    public void Read_NestedWithoutEnd_RefusedAndNothingFalls() =>
        Read("name: w\nsteps: " + new string('[', 10_000)).ShouldHaveSingleItem().Message.ShouldContain("nested");

    [Theory]
    [InlineData("research-and-brief", 2)]
    [InlineData("deep-research", 6)]
    [InlineData("review", 4)]
    public void Bundled_Each_HasNoProblemsAndNeedsNoSubagent(string name, int steps)
    {
        var entry = new RecipeBook("/nowhere/at/all").Find(name)!;
        entry.Problems.ShouldBeEmpty();
        (entry.Source, entry.Recipe!.Steps.Count).ShouldBe((RecipeSource.Bundled, steps));
        entry.Recipe.Steps.ShouldAllBe(s => s.Subagent == null && s.Tool == null);
        entry.Recipe.Inputs.Count(i => i.Required).ShouldBe(1, "one thing to say behind the slash");
    }

    private static Recipe Good(string yaml)
    {
        var (recipe, problems) = RecipeReader.Read(yaml);
        problems.ShouldBeEmpty();
        return recipe!;
    }

    private static IReadOnlyList<RecipeProblem> Read(string yaml)
    {
        var (recipe, problems) = RecipeReader.Read(yaml);
        recipe.ShouldBeNull();
        return problems;
    }

    /// <summary>Each problem's line, and the words of the expectation that it says.</summary>
    private static List<(int Line, string Says)> Problems(string yaml)
    {
        string[] words = ["capital", "no type", "colour", "no input", "timeout", "already", "output of no step", "no place", "which is no step", "no 'prompt'", "retry", "does nothing", "not closed"];
        return [.. Read(yaml).Select(p => (p.Line, words.FirstOrDefault(w => p.Message.Contains(w, StringComparison.Ordinal)) ?? p.Message))];
    }
}
