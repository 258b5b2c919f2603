using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What is remembered of conversations, what stands before each of them, and what entered which turn.</summary>
internal sealed class MemoryEndpoints(MemoryDoor memory)
{
    public static void Map(IEndpointRouteBuilder routes, MemoryDoor door)
    {
        var endpoints = new MemoryEndpoints(door);
        routes.MapGet("/api/memory/sessions", (RequestDelegate)endpoints.SessionsAsync)
            .Describe("What is remembered of conversations, the latest first.", answer: MemoryApiJson.Default.SessionShapes).Pages();
        routes.MapGet("/api/memory/sessions/{id}", (RequestDelegate)endpoints.SessionAsync)
            .Describe("All that is remembered of one.", answer: MemoryApiJson.Default.WholeSessionShape);
        routes.MapDelete("/api/memory/sessions/{id}", (RequestDelegate)endpoints.ForgetAsync)
            .Describe("Forgets it; the thread stays.");
        routes.MapPost("/api/memory/sessions/{id}/harvest", (RequestDelegate)endpoints.HarvestAsync)
            .Describe("Takes facts from it now.", answer: MemoryApiJson.Default.Harvested);
        routes.MapGet("/api/memory/hot", (RequestDelegate)endpoints.HotAsync)
            .Describe("What every conversation begins with.", answer: MemoryApiJson.Default.HotShapes).Pages();
        routes.MapPost("/api/memory/hot", (RequestDelegate)endpoints.AddHotAsync)
            .Describe("Adds to it; 200 when it is there.", MemoryApiJson.Default.HotRequest, needs: "content", answer: MemoryApiJson.Default.HotShape, status: StatusCodes.Status201Created)
            .Answers(StatusCodes.Status200OK, MemoryApiJson.Default.HotShape);
        routes.MapPut("/api/memory/hot/{id}", (RequestDelegate)endpoints.UpdateHotAsync)
            .Describe("Changes a hot fact.", MemoryApiJson.Default.HotRequest, answer: MemoryApiJson.Default.HotShape);
        routes.MapDelete("/api/memory/hot/{id}", (RequestDelegate)endpoints.DeleteHotAsync)
            .Describe("Takes a hot fact out.");
        routes.MapGet("/api/memory/injections", (RequestDelegate)endpoints.InjectionsAsync)
            .Describe("What entered which turn, the latest first.", answer: MemoryApiJson.Default.InjectionShapes)
            .Pages()
            .With(ApiParameter.Text("session_id", "Only of this session."));
    }

    private async Task SessionsAsync(HttpContext context)
    {
        SessionPage page;
        try
        {
            page = memory.Sessions.List(QueryValues.Limit(context, SessionFiles.MaxPage), QueryValues.Text(context, "cursor"));
        }
        catch (ArgumentException)
        {
            throw QueryValues.BadCursor();
        }

        await JsonReply.WriteAsync(context, new SessionShapes([.. page.Items.Select(SessionShape.Of)], page.Next), MemoryApiJson.Default.SessionShapes);
    }

    private async Task SessionAsync(HttpContext context)
    {
        var summary = await memory.Sessions.GetAsync(Session(context), context.RequestAborted) ?? throw NotRemembered(context);
        await JsonReply.WriteAsync(context, WholeSessionShape.Whole(summary), MemoryApiJson.Default.WholeSessionShape);
    }

    /// <summary>The thread stays, if there is one: DELETE /api/chat/sessions/{id} takes both.</summary>
    private async Task ForgetAsync(HttpContext context)
    {
        if (!await memory.ForgetAsync(Session(context)))
        {
            throw NotRemembered(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>As if the session were over now.</summary>
    private async Task HarvestAsync(HttpContext context)
    {
        if (!memory.Facts.IsOn)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "facts_off", "No facts are taken from sessions here: memory.enabled or memory.extract_facts is false, or the model is the offline one. Set memory.model to one that can read.");
        }

        try
        {
            var kept = await memory.Facts.HarvestAsync(Session(context), context.RequestAborted) ?? throw NotRemembered(context);
            await JsonReply.WriteAsync(context, new Harvested(Session(context), kept), MemoryApiJson.Default.Harvested);
        }
        catch (ModelException e)
        {
            throw new ApiException(StatusCodes.Status502BadGateway, e.Code, e.Message, retryAfter: e.RetryAfter);
        }
    }

    private async Task HotAsync(HttpContext context)
    {
        var facts = memory.Knowledge.IsThere ? await memory.Knowledge.HotAsync(cancellationToken: context.RequestAborted) : [];
        var (items, next) = ListPage.Of(context, facts, HotKey);
        await JsonReply.WriteAsync(context, new HotShapes([.. items.Select(HotShape.Of)], next), MemoryApiJson.Default.HotShapes);
    }

    private async Task AddHotAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, MemoryApiJson.Default.HotRequest);
        if (string.IsNullOrWhiteSpace(given.Content))
        {
            throw JsonBody.Missing("content", "what every conversation is to begin with.");
        }

        var added = await KnowledgeEndpoints.RefusingAsync(() => memory.Knowledge.AddAsync(
            new NewChunk(given.Content, ChunkTrust.Operator, given.Heading ?? "", Domain: HotFacts.Domain), context.RequestAborted));
        await JsonReply.WriteAsync(
            context, HotShape.Of(added.Chunk), MemoryApiJson.Default.HotShape, added is ChunkAdd.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private async Task UpdateHotAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, MemoryApiJson.Default.HotRequest);
        if (given.Content is { } content && string.IsNullOrWhiteSpace(content))
        {
            throw JsonBody.Missing("content", "to take the fact out, DELETE it.");
        }

        var fact = await FactAsync(context);

        // Who edits it stands for it.
        var changed = await KnowledgeEndpoints.RefusingAsync(() => memory.Knowledge.UpdateAsync(
            fact.Id, new ChunkEdit(given.Content, given.Heading, Trust: ChunkTrust.Operator), context.RequestAborted)) ?? throw NoFact(context);
        await JsonReply.WriteAsync(context, HotShape.Of(changed), MemoryApiJson.Default.HotShape);
    }

    private async Task DeleteHotAsync(HttpContext context)
    {
        var fact = await FactAsync(context);
        if (!await memory.Knowledge.DeleteAsync(fact.Id))
        {
            throw NoFact(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task InjectionsAsync(HttpContext context)
    {
        InjectionPage page;
        try
        {
            page = await memory.Injections.ListAsync(
                QueryValues.Text(context, "session_id"), QueryValues.Limit(context, InjectionStore.MaxPage), QueryValues.Text(context, "cursor"), context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw QueryValues.BadCursor();
        }

        await JsonReply.WriteAsync(context, new InjectionShapes([.. page.Items.Select(InjectionShape.Of)], page.Next), MemoryApiJson.Default.InjectionShapes);
    }

    /// <summary>A hot fact that is valid: what else is known has routes of its own.</summary>
    private async Task<Chunk> FactAsync(HttpContext context) =>
        memory.Knowledge.IsThere && long.TryParse((string)context.GetRouteValue("id")!, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && await (await memory.Knowledge.StoreAsync()).GetAsync(id, context.RequestAborted) is { Domain: HotFacts.Domain, InvalidatedAt: null } fact
            ? fact : throw NoFact(context);

    /// <summary>Those trusted most first, then the newest: as they stand before a conversation.</summary>
    private static string HotKey(Chunk fact) =>
        string.Create(CultureInfo.InvariantCulture, $"{(fact.Trust == ChunkTrust.Operator ? 0 : 1)}:{long.MaxValue - fact.Id:D19}");

    private static string Session(HttpContext context) => RouteSegment.Of(context, "id");

    private static ApiException NotRemembered(HttpContext context) => new(
        StatusCodes.Status404NotFound, "session_not_remembered", $"Nothing is remembered of a session '{Session(context)}' here. GET /api/memory/sessions lists what is.");

    private static ApiException NoFact(HttpContext context) => new(
        StatusCodes.Status404NotFound, "hot_fact_not_found", $"There is no hot fact '{context.GetRouteValue("id")}' here. GET /api/memory/hot lists those there are.");

    internal sealed record HotRequest(string? Content, string? Heading);

    /// <param name="Facts">New ones that were kept.</param>
    internal sealed record Harvested(string SessionId, int Facts);
}
