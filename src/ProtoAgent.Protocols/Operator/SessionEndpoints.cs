using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Threads, which this API calls chat sessions.</summary>
internal sealed class SessionEndpoints(OperatorServices services)
{
    private const int DefaultLimit = 50;
    private const int LargestLimit = 500;

    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new SessionEndpoints(services);
        routes.MapGet("/api/chat/sessions", (RequestDelegate)endpoints.ListAsync);
        routes.MapGet("/api/chat/sessions/{id}", (RequestDelegate)endpoints.GetAsync);
        routes.MapGet("/api/chat/sessions/{id}/messages", (RequestDelegate)endpoints.MessagesAsync);
        routes.MapDelete("/api/chat/sessions/{id}", (RequestDelegate)endpoints.DeleteAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        ThreadPage page;
        try
        {
            page = await services.Checkpoints.ListThreadsAsync(Limit(context), Cursor(context), context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw BadCursor();
        }

        await JsonReply.WriteAsync(context, new SessionList([.. page.Items.Select(Session.Of)], page.Next), OperatorJson.Default.SessionList);
    }

    private async Task GetAsync(HttpContext context) =>
        await JsonReply.WriteAsync(context, Session.Of(await FindAsync(context)), OperatorJson.Default.Session);

    private async Task MessagesAsync(HttpContext context)
    {
        var thread = await FindAsync(context);
        var limit = Limit(context);
        var after = Cursor(context) is not { } cursor ? 0 : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw BadCursor();
        var steps = await services.Checkpoints.ReadStepsAsync(thread.Id, after, limit + 1, context.RequestAborted);
        var page = steps.Take(limit).Select(Message.Of).ToList();
        await JsonReply.WriteAsync(
            context, new MessageList(page, steps.Count > limit ? page[^1].Seq.ToString(CultureInfo.InvariantCulture) : null), OperatorJson.Default.MessageList);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (!await services.Checkpoints.DeleteThreadAsync(Id(context)))
        {
            throw NotFound(Id(context));
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<ThreadInfo> FindAsync(HttpContext context) =>
        await services.Checkpoints.GetThreadAsync(Id(context), context.RequestAborted) ?? throw NotFound(Id(context));

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static string? Cursor(HttpContext context) => context.Request.Query["cursor"].ToString() is { Length: > 0 } cursor ? cursor : null;

    private static int Limit(HttpContext context)
    {
        var text = context.Request.Query["limit"].ToString();
        return text.Length == 0 ? DefaultLimit
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LargestLimit ? limit
            : throw new ApiException(StatusCodes.Status400BadRequest, "bad_limit", $"limit must be a whole number from 1 to {LargestLimit}.", "limit");
    }

    private static ApiException BadCursor() =>
        new(StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");

    private static ApiException NotFound(string id) =>
        new(StatusCodes.Status404NotFound, "session_not_found", $"There is no session '{id}' here. GET /api/chat/sessions lists those there are.");

    /// <param name="Steps">How many steps it has; the last one's number.</param>
    internal sealed record Session(string Id, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Steps)
    {
        public static Session Of(ThreadInfo thread) => new(thread.Id, thread.CreatedAt, thread.UpdatedAt, thread.Head);
    }

    internal sealed record SessionList(IReadOnlyList<Session> Items, string? Next);

    /// <param name="Role"><c>user</c>, <c>assistant</c>, or <c>note</c> for what happened to a turn.</param>
    /// <param name="Code">Of a note: stable, snake_case.</param>
    internal sealed record Message(long Seq, string TurnId, string Role, string Text, DateTimeOffset At, string? Model, string? FinishReason, string? Reasoning, string? Code)
    {
        public static Message Of(Step step)
        {
            var content = StepContent.Parse(step.Content);
            return new Message(
                step.Seq, step.TurnId, StoredNames.Of(step.Kind), content.Text, step.At, content.Model, content.FinishReason, content.Reasoning, content.Code);
        }
    }

    internal sealed record MessageList(IReadOnlyList<Message> Items, string? Next);
}
