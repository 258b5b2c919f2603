using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>Responses begun: waited for, streamed, or left to run.</summary>
internal sealed class ResponseEndpoints(OpenAIServices services)
{
    private const string SessionHeader = "X-Session-Id";

    public static void Map(IEndpointRouteBuilder routes, OpenAIServices services)
    {
        routes.MapPost("/v1/responses", (RequestDelegate)new ResponseEndpoints(services).CreateAsync)
            .Describe("One turn as a response.", OpenAIJson.Default.ResponseRequest, needs: "input", answer: OpenAIJson.Default.ResponseObject)
            .Answers(StatusCodes.Status200OK, OpenAIJson.Default.ResponseEvent, "text/event-stream")
            .With(ApiParameter.Header(SessionHeader, "The thread to go on with."))
            .Fails(OpenAIJson.Default.ErrorAnswer);
        StoredResponseEndpoints.Map(routes, services);
    }

    private async Task CreateAsync(HttpContext context)
    {
        services.AllowAttachments(context);
        var request = await JsonBody.ReadAsync(context, OpenAIJson.Default.ResponseRequest);
        var model = ModelEndpoints.Resolve(services, request.Model);
        var thread = await ResponseThread.OfAsync(services, request, context.Request.Headers[SessionHeader].ToString(), context.RequestAborted);
        var asked = ResponseReader.Read(request, thread.ThreadId, thread.GoesOn, model) with { ExpectedHead = thread.Head, Follows = thread.Follows };
        var turn = services.Turns.Start(await PriorCalls.MatchAsync(services.Checkpoints, asked, "input", context.RequestAborted));
        context.Response.Headers[SessionHeader] = turn.ThreadId.All(c => c is > ' ' and <= '~') ? turn.ThreadId : null;
        if (request.Stream == true)
        {
            await StreamAsync(context, turn);
        }
        else
        {
            await WholeAsync(context, turn, leave: request.Background == true);
        }
    }

    /// <param name="leave">Answer as soon as it is in the file; it runs on, over a restart too.</param>
    private async Task WholeAsync(HttpContext context, TurnHandle turn, bool leave)
    {
        await foreach (var happened in turn.Events.ReadAllAsync(context.RequestAborted))
        {
            if (happened is TurnEvent.Failed failed)
            {
                throw TurnErrors.From(failed);
            }

            if (happened is TurnEvent.Completed or TurnEvent.Parked || (leave && happened is TurnEvent.Started))
            {
                await JsonReply.WriteAsync(context, await ShapeAsync(turn), OpenAIJson.Default.ResponseObject);
                return;
            }
        }
    }

    private async Task StreamAsync(HttpContext context, TurnHandle turn)
    {
        var stream = new ResponseStream(context, turn, services.Time);
        await foreach (var happened in stream.ReadAsync())
        {
            switch (happened)
            {
                case TurnEvent.Started:
                    // As it was begun: what it has said by now comes as events.
                    await stream.BeginAsync(await ShapeAsync(turn) with { Status = "in_progress", Output = [], Error = null, IncompleteDetails = null, Usage = null });
                    break;
                case TurnEvent.Delta piece:
                    await stream.SayAsync(piece.Text);
                    break;
                case TurnEvent.ToolStarted or TurnEvent.ToolEnded or TurnEvent.Steered:
                    await stream.SaidAsync();
                    break;
                case TurnEvent.Completed done:
                    await stream.SaidAsync();
                    foreach (var call in done.Calls)
                    {
                        await stream.CallAsync(call);
                    }

                    await stream.EndAsync(await ShapeAsync(turn));
                    return;
                case TurnEvent.Parked:
                    await stream.SaidAsync();
                    await stream.EndAsync(await ShapeAsync(turn));
                    return;
                case TurnEvent.Failed failed when !stream.HasBegun:
                    throw TurnErrors.From(failed);
                case TurnEvent.Failed failed:
                    await stream.EndAsync(await ShapeAsync(turn) with { Status = "failed", Error = new ResponseError(failed.Code, failed.Message) });
                    return;
                default:
                    break;
            }
        }
    }

    /// <summary>From the file, as anybody who looks it up is told it.</summary>
    private async Task<ResponseObject> ShapeAsync(TurnHandle turn) =>
        await StoredTurn.FindAsync(services.Checkpoints, turn.TurnId) is { } stored ? ResponseShape.Of(stored)
        : throw new ApiException(StatusCodes.Status409Conflict, "session_deleted", "The session of this response was deleted before it could be answered.");
}
