using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>One turn from where its thread stands to its end, or to where it waits for a person. See README.md in this folder.</summary>
internal sealed partial class TurnLoop(TurnServices services, TurnPlan plan, TurnThread thread, TurnWatch watch, ChannelWriter<TurnEvent> events)
{
    private const string LastRound = "[This is the last step of this turn: no tool can be called any more. Answer with what you have.]";

    private readonly TurnRequest _request = plan.Request;
    private readonly ModelCalls _calls = new(services.Time, watch, events, services.Logger);
    private readonly SystemText _system = new(plan.Request.Subagent is null ? services.ContextProviders : [], services.Logger);
    private readonly int _maxRounds = plan.Request.Subagent is { } kind && services.Subagents.FirstOrDefault(s => s.Name == kind) is { } its ? its.MaxRounds : services.Options.MaxRounds;

    /// <summary>Stands for the model of a summary that none was asked for.</summary>
    private const string Extracted = "offline";

    private readonly HashSet<string> _callers = [.. (plan.Request.CallerTools ?? []).Select(t => t.Name)];

    private bool _noSummary;
    private SlashCommand? _command;

    /// <summary>Completed or parked, and so recorded; throws what went wrong otherwise.</summary>
    public async Task<TurnEvent> RunAsync(CancellationToken cancelled)
    {
        _command = _request.Call is { } call ? call.ToCommand() : plan.Commands is { } commands ? await commands.FindAsync(_request.Message, cancelled) : null;
        while (true)
        {
            var offered = Offered();
            if (thread.OpenCalls.Any(c => c.Caller != true))
            {
                var calls = new ToolCalls(services, _request, thread, offered, watch, events);
                await calls.RunAsync(cancelled);
                if (calls.MustWait)
                {
                    return await ParkAsync(calls);
                }
            }

            if (thread.IsWithModel && OpenCallerCalls.Of([.. thread.Own]).Count > 0)
            {
                // What the agent was to call beside them has its result: the rest is the caller's.
                if (await EndAsync(thread.Own.Last(e => e.Kind == StepKind.Assistant).Content.Text, "tool_calls", [], thread.Usage) is { } handed)
                {
                    return handed;
                }

                continue;
            }

            foreach (var said in await thread.TakeSteeringAsync(cancelled))
            {
                events.TryWrite(new TurnEvent.Steered(said));
            }

            if (await AskAsync(offered, cancelled) is { } end)
            {
                return end;
            }
        }
    }

    /// <summary>One model call; the turn's end if that was its answer.</summary>
    private async Task<TurnEvent?> AskAsync(IReadOnlyDictionary<string, Tool> offered, CancellationToken cancelled)
    {
        var round = thread.Rounds + 1;
        var answer = (_command is { } command && !thread.IsWithModel ? await CommandAsync(command, cancelled) : null)
            ?? await _calls.AskAsync(plan.Models, await MessagesAsync(offered, isLast: round >= _maxRounds, cancelled), Settings(offered, isLast: round >= _maxRounds), silent: false, cancelled);
        if (answer.CallsOnly(_callers))
        {
            return await EndAsync(answer.Text, "tool_calls", answer.ToSteps(thread.CallIds, _callers), Plus(thread.Usage, answer.Usage));
        }

        if (answer.HasCalls)
        {
            if (round >= _maxRounds)
            {
                throw new TurnException("turn_rounds", $"The turn took {_maxRounds} model calls, which is its bound, and the last one still wanted to call tools. {Bound("turns.max_rounds")}");
            }

            await thread.AppendAsync(answer.ToSteps(thread.CallIds, _callers), cancelled);
            RefuseTooManyTokens();
            return null;
        }

        return await EndAsync(answer.Text, answer.FinishReason!, [answer.ToContent().ToStep(StepKind.Assistant)], Plus(thread.Usage, answer.Usage));
    }

    /// <summary>Null if the turn was steered in that moment, and goes on.</summary>
    private async Task<TurnEvent?> EndAsync(string text, string reason, IReadOnlyList<NewStep> last, TurnUsage usage) =>
        await thread.FinishAsync(last, new TurnEnd(TurnStatus.Done, usage.InputTokens, usage.OutputTokens))
            ? new TurnEvent.Completed(text, reason, usage) { Calls = reason == "tool_calls" ? OpenCallerCalls.Of([.. thread.Own]) : [] } : null;

    private async Task<TurnEvent> ParkAsync(ToolCalls calls)
    {
        await thread.ParkAsync(calls.Wanted);
        return new TurnEvent.Parked(calls.Wanted) { Waits = calls.Waits };
    }

    /// <summary>The caller's before the agent's of the same name; alone, if one of them must be called.</summary>
    private IReadOnlyDictionary<string, Tool> Offered()
    {
        if (_request.CallerTools is not { Count: > 0 } callers || _request.Wishes?.ToolChoice == "none")
        {
            return OwnTools();
        }

        var offered = new SortedDictionary<string, Tool>(callers.ToDictionary(t => t.Name, t => (Tool)new OfferedByCaller(t)), StringComparer.Ordinal);
        foreach (var (name, tool) in _request.Wishes?.MustCall == true ? new Dictionary<string, Tool>() : OwnTools())
        {
            offered.TryAdd(name, tool);
        }

        return offered;
    }

    /// <summary>The tools of this turn: a subagent's and a step's are those it was given that make sense to one.</summary>
    private IReadOnlyDictionary<string, Tool> OwnTools()
    {
        var offered = services.Tools.Offered();
        if (_request.Incognito)
        {
            offered = offered.Where(t => !t.Value.Traits.HasFlag(ToolTraits.Remembers)).ToDictionary(StringComparer.Ordinal);
        }

        if ((_request.Origin != TurnOrigins.Peer || _request.Depth > 0) && offered.Values.Any(t => t.Traits.HasFlag(ToolTraits.ForPeers)))
        {
            offered = offered.Where(t => !t.Value.Traits.HasFlag(ToolTraits.ForPeers)).ToDictionary(StringComparer.Ordinal);
        }

        if (_request.Depth == 0)
        {
            return offered;
        }

        var allowed = _request.Subagent is { } kind ? services.Subagents.FirstOrDefault(s => s.Name == kind)?.Tools ?? [] : ["*"];
        return offered
            .Where(t => ToolOptions.Matches(allowed, t.Key) && ToolOptions.Matches(_request.Tools ?? ["*"], t.Key)
                && (t.Value.Traits & (ToolTraits.SendsSubagents | ToolTraits.ConversationOnly)) == ToolTraits.None)
            .ToDictionary(StringComparer.Ordinal);
    }

    private async Task<List<ChatMessage>> MessagesAsync(IReadOnlyDictionary<string, Tool> offered, bool isLast, CancellationToken cancelled)
    {
        var context = new ContextRequest(thread.ThreadId, thread.TurnId, Asked, _request.Incognito);
        var system = await _system.ComposeAsync(context, _request.Instructions, offered.Count > 0, cancelled);
        var budget = services.Context.BudgetTokens - Tokens.Estimate(system.Length) - offered.Values.Sum(t => Tokens.Estimate(t.Weight));
        var window = new ContextWindow(Math.Max(budget, services.Context.BudgetTokens / 4));
        if (_request.HistoryTokens is { } most && new ContextWindow(most) is var before && before.IsExceeded([.. thread.Entries.Where(e => e.TurnId != thread.TurnId)]))
        {
            await SummariseAsync(before, cancelled, mayAsk: false);
        }

        if (!_noSummary && window.IsExceeded(thread.Entries))
        {
            await SummariseAsync(window, cancelled);
        }

        return [.. system.Length > 0 ? [new ChatMessage(ChatRole.System, system)] : Array.Empty<ChatMessage>(), .. window.Fit(thread.Entries), .. isLast && _maxRounds > 1 ? [new ChatMessage(ChatRole.User, LastRound)] : Array.Empty<ChatMessage>()];
    }

    /// <summary>Lets a summary stand for older turns. If none can be had the call still fits: the window leaves them out.</summary>
    /// <param name="mayAsk">False: it is made of what is there, and costs no call.</param>
    /// <returns>How many steps it stands for.</returns>
    private async Task<int> SummariseAsync(ContextWindow window, CancellationToken cancelled, bool mayAsk = true)
    {
        if (window.SummaryThrough(thread.Entries, thread.TurnId) is not { } through)
        {
            return 0;
        }

        var older = thread.Entries.Where(e => e.Kind == StepKind.Summary || e.Seq <= through).ToList();
        StepContent summary;
        try
        {
            var (messages, settings) = Summariser.Ask(older, services.Context.BudgetTokens);
            var answer = !mayAsk || plan.Models[0].Options.Provider == "offline" ? null : await _calls.AskAsync(plan.Models, messages, settings, silent: true, cancelled);
            summary = answer?.ToContent() ?? new StepContent(Summariser.Extract(older, services.Context.BudgetTokens)) { Model = Extracted };
        }
        catch (ModelException e)
        {
            // Not asked for again in this turn: each round would wait for it, and the window keeps the bound without it.
            _noSummary = true;
            LogNoSummary(services.Logger, thread.TurnId, e.Message);
            return 0;
        }

        await thread.SummariseAsync(summary, through, cancelled);
        events.TryWrite(new TurnEvent.Summarised(through));
        return older.Count;
    }

    /// <summary>A turn that brings nothing but results goes on with the question before it.</summary>
    private string Asked => !string.IsNullOrWhiteSpace(_request.Message) ? _request.Message : thread.Entries.LastOrDefault(e => e.Kind == StepKind.User)?.Content.Text ?? "";

    private ChatOptions Settings(IReadOnlyDictionary<string, Tool> offered, bool isLast)
    {
        var settings = new ChatOptions
        {
            Temperature = _request.Temperature,
            TopP = _request.TopP,
            MaxOutputTokens = _request.MaxOutputTokens,
            StopSequences = _request.StopSequences is { Count: > 0 } stops ? [.. stops] : null,
            Tools = offered.Count > 0 ? [.. offered.Values.Select(t => t.Declaration)] : null,
            ToolMode = offered.Count == 0 ? null : isLast ? ChatToolMode.None : _request.Wishes is not { MustCall: true, ToolChoice: var choice } ? null
                : choice == "required" ? ChatToolMode.RequireAny : ChatToolMode.RequireSpecific(choice!),
        };
        _request.Wishes?.Apply(settings, offered.Count > 0);
        return settings;
    }

    /// <summary>What the command answers; null when it has nothing to say, and the model is to go on.</summary>
    private async Task<ModelAnswer?> CommandAsync(SlashCommand asked, CancellationToken cancelled)
    {
        var told = asked.Answer(new CommandContext(
            _request.Message, thread.Own.LastOrDefault(e => e.Kind == StepKind.ToolResult)?.Content, () => SummariseAsync(new ContextWindow(0), cancelled)));
        var contents = await told;
        if (contents.Count == 0)
        {
            return null;
        }

        var answer = new ModelAnswer(TurnThread.Command, price: null);
        foreach (var content in contents)
        {
            answer.Add(new ChatResponseUpdate(ChatRole.Assistant, [content]) { FinishReason = ChatFinishReason.Stop });
        }

        if (!answer.HasCalls)
        {
            events.TryWrite(new TurnEvent.Delta(answer.Text));
        }

        return answer;
    }

    private void RefuseTooManyTokens()
    {
        var used = (thread.Usage.InputTokens ?? 0) + (thread.Usage.OutputTokens ?? 0);
        if (services.Options.MaxTokens > 0 && used > services.Options.MaxTokens)
        {
            throw new TurnException("turn_tokens", $"The turn took {used} tokens and had no answer yet; its bound is {services.Options.MaxTokens}. {Bound("turns.max_tokens")}");
        }
    }

    private string Bound(string key) =>
        _request.Subagent is { } kind && key == "turns.max_rounds" ? $"subagents.{kind}.max_rounds raises it." : $"What it did is in its thread; go on there, or raise {key}.";

    private static TurnUsage Plus(TurnUsage one, TurnUsage other) => new(Plus(one.InputTokens, other.InputTokens), Plus(one.OutputTokens, other.OutputTokens));

    private static long? Plus(long? one, long? other) => one is null ? other : one + (other ?? 0);

    [LoggerMessage(EventName = "summary_failed", Level = LogLevel.Warning, Message = "older turns could not be summarised for turn {Turn}, and are left out of its context: {Reason}")]
    private static partial void LogNoSummary(ILogger log, string turn, string reason);
}
