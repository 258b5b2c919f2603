using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary>
/// <c>chat</c>: one turn of the agent. Its progress is told while it runs; cancelling the call cancels the turn. Where it waits for a
/// person and the client can ask one, the person is asked; else the answer says what waits.
/// </summary>
internal sealed class ChatTool(McpServices services) : ServerTool<ChatTool.Arguments, ChatTool.Answer>(
    new Tool
    {
        Name = "chat",
        Title = "Talk to the agent",
        Description = "Says something to the agent and answers with its reply. The agent has tools of its own and may take minutes. Give session_id to go on with a conversation; without it a new one begins. "
            + "status 'waiting' means that the turn waits for a person: 'approvals' says for what, and the reply comes into the conversation once it is decided.",
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = false, OpenWorldHint = true },
    },
    McpToolJson.Default.ChatArguments,
    McpToolJson.Default.ChatAnswer,
    services)
{
    private readonly ChatPeople _people = new(services);

    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        if (ChatPeople.AnsweredTurn(request) is { } answered)
        {
            return await GoOnAsync(answered, request, cancelled);
        }

        var asked = new TurnRequest
        {
            Message = arguments.Message, ThreadId = arguments.SessionId, Model = arguments.Model, Incognito = arguments.Incognito == true, Origin = "mcp",
        };
        var turn = Services.Turns.Start(asked);
        var progress = new TurnProgress(request, turn, Services.Time);
        var calls = new List<ToolUse>();
        await using var hangUp = cancelled.Register(turn.Cancel);
        await foreach (var happened in turn.Events.ReadAllAsync(CancellationToken.None))
        {
            await progress.TellAsync(happened, cancelled);
            switch (happened)
            {
                case TurnEvent.ToolEnded call:
                    calls.Add(new ToolUse(call.Tool, call.Status));
                    break;
                case TurnEvent.Completed done:
                    return new Answer(done.Reply, turn.ThreadId, turn.TurnId, "done", [], calls, done.Usage.InputTokens, done.Usage.OutputTokens);
                case TurnEvent.Failed failed:
                    cancelled.ThrowIfCancellationRequested();
                    throw new ToolException($"{failed.Message} [{failed.Code}; session_id {turn.ThreadId}]");
                default:
                    break;
            }
        }

        return await AfterParkingAsync(turn.ThreadId, turn.TurnId, calls, request, cancelled);
    }

    protected override string Text(Answer answer) => answer.Reply;

    /// <summary>The client of a revision without sessions has asked its person, and calls again.</summary>
    private async Task<Answer> GoOnAsync(string turnId, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var turn = await Services.Checkpoints.GetTurnAsync(turnId, cancelled)
            ?? throw new ToolException("The turn that was waiting is not here any more. Say it again.");
        await _people.TakeAsync(turnId, request);
        return await AfterParkingAsync(turn.ThreadId, turnId, [], request, cancelled);
    }

    private async Task<Answer> AfterParkingAsync(
        string threadId, string turnId, IReadOnlyList<ToolUse> calls, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        while (true)
        {
            var open = (await Services.Checkpoints.ApprovalsOfTurnAsync(turnId, cancelled)).Where(a => a.Decision is null).ToList();
            if (open.Count > 0 && !await _people.AskAsync(turnId, open, request, cancelled))
            {
                return Waiting(threadId, turnId, open, calls);
            }

            var outcome = await Services.Turns.Once.RunAsync(new TurnRequest { Message = "-", ThreadId = threadId, Origin = "mcp" }, turnId, cancelled);
            switch (outcome.Status)
            {
                case TurnStatus.Done:
                    return new Answer(outcome.Reply ?? "", threadId, turnId, "done", [], calls, null, null);
                case TurnStatus.Waiting when open.Count == 0:
                    return Waiting(threadId, turnId, [], calls);
                case TurnStatus.Waiting:
                    break;
                default:
                    throw new ToolException($"{outcome.ErrorMessage} [{outcome.ErrorCode}; session_id {threadId}]");
            }
        }
    }

    private static Answer Waiting(string threadId, string turnId, List<Approval> open, IReadOnlyList<ToolUse> calls) => new(
        open.Count == 0
            ? $"The turn waits for something it began. Its reply comes into the conversation '{threadId}' (resource {ResourceUris.Thread(threadId)})."
            : "The turn waits for a person:\n" + string.Join('\n', open.Select(a => $"- {ChatPeople.Say(a)} (approval {a.Id})"))
                + $"\nDecide it in the console, with 'protoagent approvals approve <id>' or 'deny <id>', or with POST /api/approvals/<id>. The reply comes into the conversation '{threadId}' (resource {ResourceUris.Thread(threadId)}).",
        threadId, turnId, "waiting",
        [.. open.Select(a => new WaitsFor(a.Id, StoredNames.Of(a.Kind), a.Tool, a.Question))], calls, null, null);

    public sealed record Arguments(
        [property: Description("What to say to the agent.")] string Message,
        [property: Description("The conversation to go on with, as an earlier answer named it. A new one begins without it.")] string? SessionId = null,
        [property: Description("One of the agent's configured models; its default without it.")] string? Model = null,
        [property: Description("True: nothing of it is remembered, and the conversation goes soon after.")] bool? Incognito = null);

    public sealed record Answer(
        [property: Description("What the agent says; while it waits, what for.")] string Reply,
        [property: Description("The conversation, to go on with it.")] string SessionId,
        string TurnId,
        [property: Description("done, or waiting for a person.")] string Status,
        [property: Description("What a person is to decide.")] IReadOnlyList<WaitsFor> Approvals,
        [property: Description("The agent's own tools that were called, in the order they ended.")] IReadOnlyList<ToolUse> ToolCalls,
        long? InputTokens,
        long? OutputTokens);

    public sealed record WaitsFor(string Id, [property: Description("approve a call, or answer a question.")] string Kind, string Tool, string? Question);

    public sealed record ToolUse(string Name, [property: Description("ok, error, denied or unknown.")] string Status);
}
