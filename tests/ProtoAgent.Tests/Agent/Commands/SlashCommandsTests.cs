using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Commands;

/// <summary>Commands that come and go, and what a model is told of them.</summary>
public sealed class SlashCommandsTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly CallsOf _look = new();
    private readonly Source _source = new();

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.Add(_look);
        _fixture.Commands.Add(_source);
        _fixture.Subagents.Add(new SubagentOptions("both", "a subagent") { Prompt = "p", Tools = [] });
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task All_SameNameTwice_TheKindDecides()
    {
        _source.Commands = [Says("both", "skill"), Says("help", "workflow"), Says("mine", "skill"), Says("mine", "workflow")];
        var all = (await _fixture.Runner.Commands.AllAsync(default)).ToDictionary(c => c.Name, c => c.Kind);
        all.ShouldBe(new Dictionary<string, string> { ["help"] = "builtin", ["tools"] = "builtin", ["compact"] = "builtin", ["mine"] = "workflow", ["both"] = "subagent" }, ignoreOrder: true);
    }

    [Fact]
    public async Task Find_CommandThatCameWhileItSettled_IsMeant()
    {
        _source.OnSettled = () => _source.Commands = [Says("late", "skill")];
        (await _fixture.Send("/late and more").Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("late: and more");
        _fixture.Model.IsAsked.ShouldBeFalse();
    }

    /// <summary>The command's call and its result are in the thread; the model goes on, with tools of its own, and has the last word.</summary>
    [Fact]
    public async Task Answer_NothingAfterItsCall_TheModelGoesOn()
    {
        _source.Commands = [Calls("go")];
        var turn = _fixture.Send("/go north");
        var first = await _fixture.Model.NextAsync();
        first.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result!.ToString()!.ShouldContain("seen 1");
        first.Messages.ShouldContain(m => m.Text == "/go north");
        first.Calls(TurnFixture.Call("look", "{}", "m1"));
        (await _fixture.Model.NextAsync()).Answer("there");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("there");
        _look.ByPerson.ShouldBe([true, false]);
    }

    [Fact]
    public async Task Answer_TheProcessDiesInItsCall_StillAPersonsAfterwards()
    {
        _source.Commands = [Calls("go")];
        _look.Hang = true;
        _fixture.Send("/go north");
        await _look.Called.Task;
        _look.Hang = false;
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(default);
        var call = await _fixture.Model.NextAsync();
        call.Answer("there");
        _look.ByPerson.ShouldBe([true, true]);
    }

    private static SlashCommand Says(string name, string kind) =>
        new(name, "d", kind, asked => Task.FromResult<IReadOnlyList<AIContent>>([new TextContent($"{name}: {asked.Rest}")]));

    private static SlashCommand Calls(string name) => new(name, "d", "skill", asked => Task.FromResult<IReadOnlyList<AIContent>>(
        asked.LastResult is null ? [new FunctionCallContent("", "look", new Dictionary<string, object?>())] : []));

    private sealed class Source : ICommandSource
    {
        public IReadOnlyList<SlashCommand> Commands { get; set; } = [];

        public Action OnSettled { get; set; } = () => { };

        public Task SettledAsync(CancellationToken cancellationToken)
        {
            OnSettled();
            return Task.CompletedTask;
        }
    }

    private sealed class CallsOf : Tool
    {
        public List<bool> ByPerson { get; } = [];

        public bool Hang { get; set; }

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override string Name => "look";

        public override string Description => "Looks.";

        public override JsonElement Schema { get; } = JsonElement.Parse("""{"type":"object"}""");

        public override ToolTraits Traits => ToolTraits.Idempotent;

        public override async Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken)
        {
            ByPerson.Add(call.ByPerson);

            // Before the signal: whoever waits for it sets the flag anew.
            var hang = Hang;
            Called.TrySetResult();
            if (hang)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new ToolResult($"seen {ByPerson.Count}");
        }
    }
}
