using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the agent knows, chunk by chunk.</summary>
internal sealed class KnowledgeEndpoints(KnowledgeService knowledge)
{
    private const int DefaultHits = 10;
    private const int DefaultLimit = 50;

    private static readonly ApiParameter[] s_filters =
    [
        ApiParameter.Text("namespace", "Only of this one; an empty one is the default."),
        ApiParameter.Text("domain", "Only of this one."),
        ApiParameter.Text("source", "Only from this one."),
        ApiParameter.OneOf("trust_floor", "At least so trusted.", "operator", "agent", "external"),
    ];

    public static void Map(IEndpointRouteBuilder routes, KnowledgeDoor door)
    {
        var endpoints = new KnowledgeEndpoints(door.Service);
        routes.MapGet("/api/knowledge/search", (RequestDelegate)endpoints.SearchAsync)
            .Describe("What is known of it, the best first; without q the newest.", answer: KnowledgeApiJson.Default.KnowledgeShapeArray)
            .With(ApiParameter.Text("q", "The question."), ApiParameter.Number("k", 1, KnowledgeService.MostHits, "How many; 10 if left out."))
            .With(s_filters);
        routes.MapGet("/api/knowledge/stats", (RequestDelegate)endpoints.StatsAsync)
            .Describe("How much is known.", answer: KnowledgeApiJson.Default.Stats);
        routes.MapGet("/api/knowledge/chunks", (RequestDelegate)endpoints.ListAsync)
            .Describe("The chunks, newest first.", answer: KnowledgeApiJson.Default.ChunkList)
            .Pages()
            .With(s_filters)
            .With(ApiParameter.Flag("include_invalid", "Also what is deleted or superseded."));
        routes.MapPost("/api/knowledge/chunks", (RequestDelegate)endpoints.AddAsync)
            .Describe("Adds a chunk; 200 when that is known.", KnowledgeApiJson.Default.NewChunkRequest, needs: "content", answer: KnowledgeApiJson.Default.KnowledgeShape, status: StatusCodes.Status201Created)
            .Answers(StatusCodes.Status200OK, KnowledgeApiJson.Default.KnowledgeShape);
        routes.MapGet("/api/knowledge/chunks/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One chunk, with what it took the place of.", answer: KnowledgeApiJson.Default.KnowledgeShape);
        routes.MapPut("/api/knowledge/chunks/{id}", (RequestDelegate)endpoints.UpdateAsync)
            .Describe("Changes a chunk in place.", KnowledgeApiJson.Default.ChunkEditRequest, answer: KnowledgeApiJson.Default.KnowledgeShape);
        routes.MapDelete("/api/knowledge/chunks/{id}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Takes a chunk out.");
        IngestEndpoints.Map(routes, door);
    }

    /// <summary>Without a query the newest.</summary>
    private async Task SearchAsync(HttpContext context)
    {
        var (query, filter) = (context.Request.Query["q"].ToString(), Filter(context));
        var k = Number(context, "k", DefaultHits, KnowledgeService.MostHits);
        var hits = string.IsNullOrWhiteSpace(query)
            ? (await (await knowledge.StoreAsync()).ListAsync(filter, withInvalid: false, k, cancellationToken: context.RequestAborted)).Items.Select(c => new ChunkHit(c, 0))
            : await knowledge.SearchAsync(query, k, filter, context.RequestAborted);
        await JsonReply.WriteAsync(context, [.. hits.Select(h => KnowledgeShape.Of(h.Chunk) with { Score = Math.Round(h.Score, 6) })], KnowledgeApiJson.Default.KnowledgeShapeArray);
    }

    private async Task StatsAsync(HttpContext context)
    {
        var stats = await (await knowledge.StoreAsync()).StatsAsync(cancellationToken: context.RequestAborted);
        await JsonReply.WriteAsync(
            context, new Stats(stats.Chunks, stats.ByDomain, stats.Documents, stats.Superseded, knowledge.Embeddings?.Name, knowledge.Embeddings?.Warning() is null), KnowledgeApiJson.Default.Stats);
    }

    private async Task ListAsync(HttpContext context)
    {
        var cursor = context.Request.Query["cursor"].ToString();
        var before = cursor.Length == 0 ? (long?)null
            : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw new ApiException(StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");
        var withInvalid = context.Request.Query["include_invalid"].ToString() is "true" or "1";
        var page = await (await knowledge.StoreAsync()).ListAsync(
            Filter(context), withInvalid, Number(context, "limit", DefaultLimit, KnowledgeStore.MaxPage), before, context.RequestAborted);
        await JsonReply.WriteAsync(context, new ChunkList([.. page.Items.Select(KnowledgeShape.Of)], page.Next), KnowledgeApiJson.Default.ChunkList);
    }

    private async Task AddAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, KnowledgeApiJson.Default.NewChunkRequest);
        if (string.IsNullOrWhiteSpace(given.Content))
        {
            throw JsonBody.Missing("content", "what is to be known.");
        }

        var chunk = new NewChunk(
            given.Content, Trust(given.Trust) ?? ChunkTrust.Operator, given.Heading ?? "", given.Namespace ?? "", given.Domain ?? NewChunk.DefaultDomain, given.Source);
        var added = await RefusingAsync(() => knowledge.AddAsync(chunk, context.RequestAborted));
        var (outcome, earlier) = added switch
        {
            ChunkAdd.Duplicate => ("duplicate", (long?)null),
            ChunkAdd.Revised revised => ("revised", revised.Earlier.Id),
            _ => ("added", null),
        };
        await JsonReply.WriteAsync(
            context, KnowledgeShape.Of(added.Chunk) with { Outcome = outcome, Supersedes = earlier }, KnowledgeApiJson.Default.KnowledgeShape,
            outcome == "duplicate" ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    /// <summary>With what it took the place of.</summary>
    private async Task GetAsync(HttpContext context)
    {
        var store = await knowledge.StoreAsync();
        var chunk = await store.GetAsync(Id(context), context.RequestAborted) ?? throw NotFound(context);
        var earlier = await store.EarlierAsync(chunk.Id, context.RequestAborted);
        await JsonReply.WriteAsync(context, KnowledgeShape.Of(chunk) with { Earlier = [.. earlier.Select(KnowledgeShape.Of)] }, KnowledgeApiJson.Default.KnowledgeShape);
    }

    private async Task UpdateAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, KnowledgeApiJson.Default.ChunkEditRequest);
        if (given.Content is { } content && string.IsNullOrWhiteSpace(content))
        {
            throw JsonBody.Missing("content", "to take the chunk out, DELETE it.");
        }

        var edit = new ChunkEdit(given.Content, given.Heading, given.Namespace, given.Domain, Trust(given.Trust));
        var changed = await RefusingAsync(() => knowledge.UpdateAsync(Id(context), edit, context.RequestAborted)) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, KnowledgeShape.Of(changed), KnowledgeApiJson.Default.KnowledgeShape);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (!await knowledge.DeleteAsync(Id(context)))
        {
            throw NotFound(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>What the knowledge refuses, as an answer.</summary>
    internal static async Task<T> RefusingAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (KnowledgeException e)
        {
            throw new ApiException(
                e.Code switch
                {
                    "ingest_busy" => StatusCodes.Status429TooManyRequests,
                    "document_too_large" => StatusCodes.Status413PayloadTooLarge,
                    _ => StatusCodes.Status400BadRequest,
                },
                e.Code, e.Message);
        }
        catch (ArgumentException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "knowledge_invalid", e.Message.Split(" (Parameter", 2)[0], e.ParamName);
        }
    }

    internal static ChunkTrust? Trust(string? name) => name is null ? null : KnowledgeNames.Trust(name)
        ?? throw new ApiException(StatusCodes.Status400BadRequest, "bad_trust", "trust must be operator, agent or external.", "trust");

    internal static int Number(HttpContext context, string name, int otherwise, int most)
    {
        var text = context.Request.Query[name].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
            : throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{name}", $"{name} must be a whole number from 1 to {most}.", name);
    }

    internal static string? Asked(HttpContext context, string name) => context.Request.Query[name] is [{ } value, ..] ? value : null;

    private static ChunkFilter Filter(HttpContext context) => new(
        Asked(context, "namespace"), Asked(context, "domain") is { Length: > 0 } domain ? domain : null,
        Trust(Asked(context, "trust_floor")) ?? ChunkTrust.External, Asked(context, "source") is { Length: > 0 } source ? source : null);

    private static long Id(HttpContext context) =>
        long.TryParse((string)context.GetRouteValue("id")!, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw NotFound(context);

    private static ApiException NotFound(HttpContext context) => new(
        StatusCodes.Status404NotFound, "chunk_not_found", $"There is no chunk '{context.GetRouteValue("id")}' here. GET /api/knowledge/chunks lists those there are.");

    internal sealed record NewChunkRequest(string? Content, string? Domain, string? Heading, string? Namespace, string? Source, string? Trust);

    internal sealed record ChunkEditRequest(string? Content, string? Domain, string? Heading, string? Namespace, string? Trust);

    internal sealed record ChunkList(IReadOnlyList<KnowledgeShape> Items, string? Next);

    /// <param name="EmbeddingModel">Null where none is configured.</param>
    /// <param name="EmbeddingsReady">False while it is left alone because it failed.</param>
    internal sealed record Stats(long Chunks, IReadOnlyDictionary<string, long> ByDomain, long Documents, long Superseded, string? EmbeddingModel, bool EmbeddingsReady);
}
