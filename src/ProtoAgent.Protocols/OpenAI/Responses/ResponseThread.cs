using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>Which thread a response is on.</summary>
/// <param name="ThreadId">Null for a fresh one.</param>
/// <param name="GoesOn">It is there: what is sent is new on it.</param>
/// <param name="Head">Its last step, if it must still be that when the turn begins.</param>
internal sealed record ResponseThread(string? ThreadId, bool GoesOn, long? Head = null, string? Follows = null)
{
    public static async Task<ResponseThread> OfAsync(OpenAIServices services, ResponseRequest request, string header, CancellationToken cancellationToken)
    {
        var conversation = Conversation(request.Conversation) ?? (header.Length > 0 ? header : null);
        if (request.PreviousResponseId is not { Length: > 0 } previous)
        {
            return new ResponseThread(conversation, conversation is not null && await services.Checkpoints.GetThreadAsync(
                request.Incognito == true || request.Store == false ? ThreadIds.ToIncognito(conversation) : conversation, cancellationToken) is not null);
        }

        if (Conversation(request.Conversation) is not null)
        {
            throw Fields.Bad("previous_response_id", "previous_response_id and conversation each name what is gone on with. Send one of them.");
        }

        if (request.Store == false || request.Incognito == true)
        {
            throw Fields.Bad("store", "What goes on from a stored response is stored with it. Send the whole conversation as input, or let it be stored.");
        }

        return await AfterAsync(services, previous, cancellationToken);
    }

    /// <summary>Behind that response: on its thread while it is the last there, else on a copy of the thread as far as it.</summary>
    private static async Task<ResponseThread> AfterAsync(OpenAIServices services, string previous, CancellationToken cancellationToken)
    {
        var stored = await FindAsync(services, previous, cancellationToken) ?? throw new ApiException(
            StatusCodes.Status404NotFound, "previous_response_not_found", $"There is no response '{previous}' here.", "previous_response_id");
        if (stored.Turn.FinishedAt is null)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "response_in_progress", $"The response '{previous}' is not complete. Ask again when GET /v1/responses/{previous} says it is.", "previous_response_id");
        }

        var last = stored.Steps[^1].Seq;
        var thread = stored.Turn.ThreadId;
        if ((await services.Checkpoints.GetThreadAsync(thread, cancellationToken))?.Head == last && await services.Checkpoints.GetOpenTurnAsync(thread, cancellationToken) is null)
        {
            return new ResponseThread(thread, GoesOn: true, last, stored.Turn.Id);
        }

        var copy = Guid.CreateVersion7(services.Time.GetUtcNow()).ToString();
        _ = await services.Checkpoints.ForkThreadAsync(thread, copy, last, CancellationToken.None)
            ?? throw new ApiException(StatusCodes.Status404NotFound, "previous_response_not_found", $"The session of the response '{previous}' was deleted.", "previous_response_id");
        return new ResponseThread(copy, GoesOn: true, last, stored.Turn.Id);
    }

    /// <summary>Null for what never was a response, or is one no more: deleted, its thread wound back, or not stored.</summary>
    public static async Task<StoredTurn?> FindAsync(OpenAIServices services, string id, CancellationToken cancellationToken) =>
        ResponseIds.TurnOf(id) is { } turnId && await StoredTurn.FindAsync(services.Checkpoints, turnId, cancellationToken) is { Turn.Origin: "openai", Steps.Count: > 0, Request.Incognito: false } stored
            ? stored : null;

    private static string? Conversation(JsonElement? given) => !Fields.IsGiven(given) ? null
        : (given!.Value.ValueKind == JsonValueKind.String ? given.Value.GetString() : Fields.Text(given.Value, "id")) is { Length: > 0 } id ? id
        : throw Fields.Bad("conversation", "conversation must be a session's id, or an object with it.");
}
