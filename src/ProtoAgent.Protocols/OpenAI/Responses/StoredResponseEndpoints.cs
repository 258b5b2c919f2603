using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>Responses looked up, cancelled, deleted.</summary>
internal sealed class StoredResponseEndpoints(OpenAIServices services)
{
    private const int DefaultLimit = 20;
    private const int LargestLimit = 100;

    public static void Map(IEndpointRouteBuilder routes, OpenAIServices services)
    {
        var endpoints = new StoredResponseEndpoints(services);
        routes.MapGet("/v1/responses/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One response, however it stands.", answer: OpenAIJson.Default.ResponseObject).Fails(OpenAIJson.Default.ErrorAnswer);
        routes.MapDelete("/v1/responses/{id}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Deletes a response, the last of its session.", answer: OpenAIJson.Default.DeletedResponse).Fails(OpenAIJson.Default.ErrorAnswer);
        routes.MapPost("/v1/responses/{id}/cancel", (RequestDelegate)endpoints.CancelAsync)
            .Describe("Cancels a response that is not complete.", answer: OpenAIJson.Default.ResponseObject).Fails(OpenAIJson.Default.ErrorAnswer);
        routes.MapGet("/v1/responses/{id}/input_items", (RequestDelegate)endpoints.InputAsync)
            .Describe("What a response was given.", answer: OpenAIJson.Default.ItemList)
            .With(
                ApiParameter.Number("limit", 1, LargestLimit, "How many at most; 20 if left out."), ApiParameter.OneOf("order", "desc if left out.", "asc", "desc"),
                ApiParameter.Text("after", "The item before the first one."))
            .Fails(OpenAIJson.Default.ErrorAnswer);
    }

    private async Task GetAsync(HttpContext context)
    {
        if (context.Request.Query["stream"].ToString() is "true")
        {
            throw Fields.Bad("stream", "A response is looked up whole. Its events are told once, to whoever began it with stream; ask again until it is complete.");
        }

        await JsonReply.WriteAsync(context, ResponseShape.Of(await FindAsync(context)), OpenAIJson.Default.ResponseObject);
    }

    /// <summary>Of one that is over nothing changes.</summary>
    private async Task CancelAsync(HttpContext context)
    {
        var stored = await FindAsync(context);
        if (stored.Turn.FinishedAt is null && (await services.Checkpoints.GetOpenTurnAsync(stored.Turn.ThreadId, context.RequestAborted))?.Id == stored.Turn.Id)
        {
            await services.Turns.CancelAsync(stored.Turn.ThreadId, context.RequestAborted);
        }

        await JsonReply.WriteAsync(context, ResponseShape.Of(await FindAsync(context)), OpenAIJson.Default.ResponseObject);
    }

    /// <summary>A thread is whole: only its last response can go, and with the first the thread goes.</summary>
    private async Task DeleteAsync(HttpContext context)
    {
        var stored = await FindAsync(context);
        if (stored.Turn.FinishedAt is null)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "response_in_progress", $"The response '{Id(context)}' is not complete. Cancel it first: POST /v1/responses/{Id(context)}/cancel.");
        }

        var (thread, first, last) = (stored.Turn.ThreadId, stored.Steps[0].Seq, stored.Steps[^1].Seq);
        if ((await services.Checkpoints.GetThreadAsync(thread, context.RequestAborted))?.Head is { } head && head != last)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "response_not_last", $"The session '{thread}' has gone on from this response. Delete what came after it first, or the session: DELETE /api/chat/sessions/{Uri.EscapeDataString(thread)}.");
        }

        if (first == 1)
        {
            await services.Checkpoints.DeleteThreadAsync(thread);
        }
        else
        {
            await services.Checkpoints.RewindThreadAsync(thread, first - 1, last);
        }

        await JsonReply.WriteAsync(context, new DeletedResponse(Id(context), "response", true), OpenAIJson.Default.DeletedResponse);
    }

    private async Task InputAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = query["limit"].ToString() is not { Length: > 0 } text ? DefaultLimit
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is >= 1 and <= LargestLimit ? given
            : throw Fields.Bad("limit", $"limit must be a whole number from 1 to {LargestLimit}.");
        var items = ResponseItem.InputOf(await FindAsync(context)).ToList();
        switch (query["order"].ToString())
        {
            case "asc":
                break;
            case "" or "desc":
                items.Reverse();
                break;
            default:
                throw Fields.Bad("order", "order must be asc or desc.");
        }

        if (query["after"].ToString() is { Length: > 0 } after)
        {
            var at = items.FindIndex(i => i.Id == after);
            items = at >= 0 ? items[(at + 1)..] : throw Fields.Bad("after", $"The response has no input item '{after}'.");
        }

        var page = items.Take(limit).ToList();
        await JsonReply.WriteAsync(
            context, new ItemList("list", page, page.Count > 0 ? page[0].Id : null, page.Count > 0 ? page[^1].Id : null, items.Count > page.Count), OpenAIJson.Default.ItemList);
    }

    private async Task<StoredTurn> FindAsync(HttpContext context) =>
        await ResponseThread.FindAsync(services, Id(context), context.RequestAborted)
        ?? throw new ApiException(StatusCodes.Status404NotFound, "response_not_found", $"There is no response '{Id(context)}' here: it was deleted, was not stored, or never was.");

    private static string Id(HttpContext context) => RouteSegment.Of(context, "id");
}
