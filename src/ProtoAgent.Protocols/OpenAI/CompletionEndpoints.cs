using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

internal sealed class CompletionEndpoints(OpenAIServices services)
{
    private const string SessionHeader = "X-Session-Id";

    public static void Map(IEndpointRouteBuilder routes, OpenAIServices services) =>
        routes.MapPost("/v1/chat/completions", (RequestDelegate)new CompletionEndpoints(services).CompleteAsync)
            .Describe("One turn, as OpenAI's clients ask for it.", OpenAIJson.Default.CompletionRequest, needs: "messages", answer: OpenAIJson.Default.CompletionAnswer)
            .Answers(StatusCodes.Status200OK, OpenAIJson.Default.CompletionChunk, "text/event-stream")
            .With(ApiParameter.Header(SessionHeader, "The thread that is gone on with."))
            .Fails(OpenAIJson.Default.ErrorAnswer);

    private async Task CompleteAsync(HttpContext context)
    {
        services.AllowAttachments(context);
        var request = await JsonBody.ReadAsync(context, OpenAIJson.Default.CompletionRequest);
        var header = context.Request.Headers[SessionHeader].ToString();
        var thread = header.Length > 0 ? header : string.IsNullOrWhiteSpace(request.User) ? null : request.User;
        var asked = CompletionReader.Read(request, thread, ModelEndpoints.Resolve(services, request.Model));
        var turn = services.Turns.Start(await PriorCalls.MatchAsync(services.Checkpoints, asked, "messages", context.RequestAborted));
        context.Response.Headers[SessionHeader] = turn.ThreadId.All(c => c is > ' ' and <= '~') ? turn.ThreadId : null;
        var answer = new Answering(turn, request.Model is { Length: > 0 } name ? name : services.AgentName, services.Time.GetUtcNow().ToUnixTimeSeconds());
        await (request.Stream == true ? StreamAsync(context, answer, request.StreamOptions?.IncludeUsage == true) : WholeAsync(context, answer));
    }

    private static async Task WholeAsync(HttpContext context, Answering answer)
    {
        await foreach (var happened in answer.Turn.Events.ReadAllAsync(context.RequestAborted))
        {
            switch (happened)
            {
                case TurnEvent.Completed done:
                    await JsonReply.WriteAsync(context, answer.Whole(done), OpenAIJson.Default.CompletionAnswer);
                    return;
                case TurnEvent.Parked:
                    throw Waits();
                case TurnEvent.Failed failed:
                    throw TurnErrors.From(failed);
                default:
                    break;
            }
        }
    }

    /// <summary>Nothing goes out before the model has said something: until then a failure is still a status of its own.</summary>
    private async Task StreamAsync(HttpContext context, Answering answer, bool withUsage)
    {
        var events = new EventStream(context);
        var begun = false;
        async Task SendAsync(ChunkDelta delta, string? reason = null)
        {
            if (!begun)
            {
                begun = true;
                events.Begin();
                await events.SendAsync(answer.Chunk(new ChunkDelta { Role = "assistant", Content = "" }), OpenAIJson.Default.CompletionChunk);
            }

            await events.SendAsync(answer.Chunk(delta, reason), OpenAIJson.Default.CompletionChunk);
        }

        await foreach (var happened in events.ReadAsync(answer.Turn.Events, services.Time))
        {
            switch (happened)
            {
                case TurnEvent.Delta piece:
                    await SendAsync(new ChunkDelta { Content = piece.Text });
                    break;
                case TurnEvent.Completed done:
                    // A call is told once it is in the thread, whole: its caller may make it and come back after a restart.
                    foreach (var call in Answering.Calls(done))
                    {
                        await SendAsync(new ChunkDelta { ToolCalls = [call with { Function = call.Function! with { Arguments = "" } }] });
                        await SendAsync(new ChunkDelta { ToolCalls = [new CompletionCall(call.Index, null, null, new CalledFunction(null, call.Function!.Arguments))] });
                    }

                    await SendAsync(new ChunkDelta(), Answering.Reason(done));
                    if (withUsage)
                    {
                        await events.SendAsync(answer.UsageChunk(done), OpenAIJson.Default.CompletionChunk);
                    }

                    await events.SendAsync("[DONE]"u8.ToArray());
                    return;
                case TurnEvent.Parked when !begun:
                    throw Waits();
                case TurnEvent.Parked:
                    await events.SendAsync(ErrorAnswer.Of(Waits()), OpenAIJson.Default.ErrorAnswer);
                    return;
                case TurnEvent.Failed failed when !begun:
                    throw TurnErrors.From(failed);
                case TurnEvent.Failed failed:
                    // The status is out: the error goes where the next piece would, and no [DONE] pretends otherwise.
                    await events.SendAsync(ErrorAnswer.Of(TurnErrors.From(failed)), OpenAIJson.Default.ErrorAnswer);
                    return;
                default:
                    break;
            }
        }
    }

    /// <summary>OpenAI's shape has no answer for a turn that waits for a person.</summary>
    private static ApiException Waits() => new(
        StatusCodes.Status409Conflict, "turn_waiting", "The agent waits for a person before it can answer. 'protoagent approvals' (GET /api/approvals) shows for what; its answer will be in the session.");

    /// <summary>What all pieces of one answer share.</summary>
    private sealed record Answering(TurnHandle Turn, string Model, long Created)
    {
        private string Id => $"chatcmpl-{Turn.TurnId}";

        public CompletionAnswer Whole(TurnEvent.Completed done) => new(
            Id, "chat.completion", Created, Model, [new CompletionChoice(0, Message(done), Reason(done))], Usage(done));

        public CompletionChunk Chunk(ChunkDelta delta, string? reason = null) =>
            new(Id, "chat.completion.chunk", Created, Model, [new ChunkChoice(0, delta, reason)]);

        public CompletionChunk UsageChunk(TurnEvent.Completed done) => new(Id, "chat.completion.chunk", Created, Model, []) { Usage = Usage(done) };

        public static string Reason(TurnEvent.Completed done) => done.FinishReason is "length" or "content_filter" or "tool_calls" ? done.FinishReason : "stop";

        public static IEnumerable<CompletionCall> Calls(TurnEvent.Completed done) =>
            done.Calls.Select((c, i) => new CompletionCall(i, c.CallId, "function", new CalledFunction(c.Tool, c.Arguments)));

        private static AnswerMessage Message(TurnEvent.Completed done) => done.Calls.Count == 0 ? new AnswerMessage("assistant", done.Reply)
            : new AnswerMessage("assistant", done.Reply.Length > 0 ? done.Reply : null) { ToolCalls = [.. Calls(done).Select(c => c with { Index = null })] };

        /// <summary>Null when the model did not say.</summary>
        private static CompletionUsage? Usage(TurnEvent.Completed done) =>
            done.Usage is { InputTokens: { } input, OutputTokens: { } output } ? new CompletionUsage(input, output, input + output) : null;
    }
}
