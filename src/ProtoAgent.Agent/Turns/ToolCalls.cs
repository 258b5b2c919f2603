using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// Makes the calls of an answer, each at most once in effect: what has a result is never called again, what was begun and
/// may not be repeated is reported as unknown, what a person must allow waits. See README.md in this folder.
/// </summary>
/// <param name="watch">Told what was called.</param>
/// <param name="offered">The tools of the answer's model call, by name.</param>
internal sealed partial class ToolCalls(
    TurnServices services, TurnRequest request, TurnThread thread, IReadOnlyDictionary<string, Tool> offered, TurnWatch watch, ChannelWriter<TurnEvent> events)
{
    /// <summary>Shorter than what a stopping instance gives a turn for its last words.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly List<NewApproval> _wanted = [];
    private readonly List<Func<Task<bool>>> _waits = [];

    /// <summary>What has to be decided before the turn can go on.</summary>
    public IReadOnlyList<NewApproval> Wanted => _wanted;

    /// <summary>For each call that has no result because what it began waits for a person: whether that is over.</summary>
    public IReadOnlyList<Func<Task<bool>>> Waits => _waits;

    public bool MustWait => _wanted.Count + _waits.Count > 0;

    /// <summary>Makes every call that can be made now. Those that have to wait stay without a result.</summary>
    public async Task RunAsync(CancellationToken cancelled)
    {
        var decided = (await services.Checkpoints.ApprovalsOfTurnAsync(thread.TurnId, cancelled)).ToDictionary(a => a.CallId, StringComparer.Ordinal);
        var beside = new List<Task>();
        try
        {
            foreach (var call in thread.OpenCalls.Where(c => c.Caller != true))
            {
                var tool = offered.GetValueOrDefault(call.Tool!);
                if (Refusal(call, tool) is { } refused)
                {
                    await EndAsync(call, tool, refused.Status, refused.Text, TimeSpan.Zero, cancelled);
                }
                else if (NeedsPerson(call, tool!) && !decided.TryGetValue(call.CallId!, out var decision))
                {
                    Want(call, tool!);
                }
                else if (NeedsPerson(call, tool!) && Answer(decided[call.CallId!], tool!) is { } answer)
                {
                    await EndAsync(call, tool, answer.Status, answer.Text, TimeSpan.Zero, cancelled);
                }
                else if (tool!.Traits.HasFlag(ToolTraits.Parallel))
                {
                    beside.Add(CallAsync(call, tool, cancelled));
                }
                else if (_wanted.Count == 0)
                {
                    // In the order of the answer, and not before what a person has yet to allow.
                    await Task.WhenAll(beside);
                    if (!MustWait)
                    {
                        await CallAsync(call, tool, cancelled);
                    }
                }
            }
        }
        finally
        {
            await Task.WhenAll(beside);
        }

        StallGuard.ThrowIfStalled([.. thread.Own]);
    }

    /// <summary>Why there is nothing to call; null when there is.</summary>
    private (string Status, string Text)? Refusal(StepContent call, Tool? tool)
    {
        if (thread.IsStarted(call.CallId!))
        {
            return ("unknown", Conversation.Unknown);
        }

        if (request.Incognito && services.Tools.Offered().GetValueOrDefault(call.Tool!)?.Traits.HasFlag(ToolTraits.Remembers) == true)
        {
            return ("denied", $"This conversation is incognito: it reads nothing of what is remembered and leaves nothing behind, so {call.Tool} can't be called in it. Go on without it, or tell the user to ask in an ordinary conversation.");
        }

        if (tool is null)
        {
            return ("error", $"There is no tool '{call.Tool}' here. There is: {string.Join(", ", offered.Keys)}.");
        }

        try
        {
            using var arguments = JsonDocument.Parse(call.Arguments!);
            return arguments.RootElement.ValueKind == JsonValueKind.Object ? null : ("error", $"The arguments of {call.Tool} must be one JSON object. Call it again with one.");
        }
        catch (JsonException e)
        {
            return ("error", $"The arguments of {call.Tool} are not valid JSON ({e.Message}). Nothing was called; call it again with one JSON object.");
        }
    }

    private bool NeedsPerson(StepContent call, Tool tool)
    {
        if (tool.Traits.HasFlag(ToolTraits.AsksPerson) || services.Tools.NeedsApproval(tool))
        {
            return true;
        }

        using var arguments = JsonDocument.Parse(call.Arguments!);
        return tool.NeedsApprovalFor(arguments.RootElement);
    }

    private void Want(StepContent call, Tool tool)
    {
        var kind = tool.Traits.HasFlag(ToolTraits.AsksPerson) ? ApprovalKind.Question : ApprovalKind.Approve;
        using var arguments = JsonDocument.Parse(call.Arguments!);
        var question = kind == ApprovalKind.Question && arguments.RootElement.TryGetProperty("question", out var asked) ? asked.ToString() : null;
        _wanted.Add(new NewApproval(Guid.CreateVersion7(services.Time.GetUtcNow()).ToString(), call.CallId!, kind, call.Tool!, call.Arguments!, question));
    }

    /// <summary>The call's result as a person decided it; null when it is to be made.</summary>
    private static (string Status, string Text)? Answer(Approval decided, Tool tool) => (decided.Decision, tool.Traits.HasFlag(ToolTraits.AsksPerson)) switch
    {
        (Decision.Approve, true) => ("ok", decided.Answer ?? "(The person agreed without a word.)"),
        (Decision.Approve, false) => null,
        (_, true) => ("denied", $"The person did not answer.{Because(decided)}"),
        _ => ("denied", $"A person did not allow this call; nothing was done.{Because(decided)} Do not try it again in another way: go on without it, or ask."),
    };

    private static string Because(Approval decided) => decided.Answer is { Length: > 0 } why ? $" They said: {why}" : "";

    private async Task CallAsync(StepContent call, Tool tool, CancellationToken cancelled)
    {
        if (!tool.Traits.HasFlag(ToolTraits.Idempotent))
        {
            // From here on a crash means that nobody knows.
            await thread.AppendAsync([new StepContent("") { CallId = call.CallId, Tool = call.Tool }.ToStep(StepKind.ToolStart)], cancelled);
        }

        events.TryWrite(new TurnEvent.ToolStarted(call.CallId!, tool.Name, call.Arguments!));
        var its = new ToolCall(thread.ThreadId, thread.TurnId, call.CallId!, request.Origin, request.Depth)
        {
            ByPerson = thread.IsOfCommand(call.CallId!), Incognito = request.Incognito,
        };
        var (status, text) = ("ok", "");
        var began = services.Time.GetTimestamp();
        var span = watch.ToolCalled(call);
        var failure = "cancelled";
        try
        {
            text = (await ListenedAsync(tool.CallAsync(JsonElement.Parse(call.Arguments!), its, cancelled), cancelled)).Text;
            failure = null;
        }
        catch (CallWaitsException waits)
        {
            lock (_waits)
            {
                _waits.Add(waits.IsOver);
            }

            return;
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancelled);
        }
        catch (ToolException e)
        {
            (status, text, failure) = ("error", e.Message, "tool_error");
        }
        catch (Exception e) when (e is not StaleStepException)
        {
            LogFailed(services.Logger, e, tool.Name, thread.TurnId, call.CallId!);
            failure = e.GetType().Name;
            (status, text) = ("error", e is StoreException store ? store.Message : $"{tool.Name} failed unexpectedly; the instance's log says why. Trying again may not help.");
        }
        finally
        {
            span.End(failure);
        }

        await EndAsync(call, tool, status, await services.KeepLongResult(text, its, cancelled), services.Time.GetElapsedTime(began), cancelled);
    }

    /// <summary>A tool that does not listen to being cancelled is left alone after a moment: no turn hangs on it.</summary>
    private async Task<ToolResult> ListenedAsync(Task<ToolResult> call, CancellationToken cancelled)
    {
        try
        {
            return await call.WaitAsync(cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // What it has done, or does in this moment, is still written down.
            return await call.WaitAsync(s_patience, services.Time, CancellationToken.None);
        }
    }

    private async Task EndAsync(StepContent call, Tool? tool, string status, string text, TimeSpan took, CancellationToken cancelled)
    {
        var result = new StepContent(text)
        {
            CallId = call.CallId,
            Tool = call.Tool,
            Status = status,
            External = tool?.Traits.HasFlag(ToolTraits.External) == true ? true : null,
            Hint = StallGuard.Hint([.. thread.Own], call, text),
        };

        // What a tool did is written down even if the turn was cancelled meanwhile.
        await thread.AppendAsync([result.ToStep(StepKind.ToolResult)], status == "ok" ? CancellationToken.None : cancelled);
        watch.ToolEnded(call, tool is not null, status, took, text);
        events.TryWrite(new TurnEvent.ToolEnded(call.CallId!, call.Tool!, status, text));
    }

    [LoggerMessage(EventName = "tool_failed", Level = LogLevel.Error, Message = "the tool {Tool} failed in turn {Turn}, call {Call}")]
    private static partial void LogFailed(ILogger log, Exception e, string tool, string turn, string call);
}
