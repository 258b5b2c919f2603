using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Documents into the knowledge, and out of it.</summary>
internal sealed class IngestEndpoints(KnowledgeDoor door)
{
    private const int DefaultLimit = 50;

    public static void Map(IEndpointRouteBuilder routes, KnowledgeDoor door)
    {
        var endpoints = new IngestEndpoints(door);
        routes.MapPost("/api/knowledge/ingest", (RequestDelegate)endpoints.IngestAsync)
            .Describe("Takes a document in: files, a url, or a text.", KnowledgeApiJson.Default.IngestJsonRequest, answer: KnowledgeApiJson.Default.Started, status: StatusCodes.Status202Accepted)
            .Takes("multipart/form-data");
        routes.MapGet("/api/knowledge/ingest", (RequestDelegate)endpoints.ListAsync)
            .Describe("The ingests, the latest first.", answer: KnowledgeApiJson.Default.IngestList).Pages();
        routes.MapGet("/api/knowledge/ingest/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("How an ingest stands.", answer: KnowledgeApiJson.Default.IngestShape);
        routes.MapDelete("/api/knowledge/ingest/{id}", (RequestDelegate)endpoints.CancelAsync)
            .Describe("Cancels an ingest.");
        routes.MapGet("/api/knowledge/sources", (RequestDelegate)endpoints.SourcesAsync)
            .Describe("The documents.", answer: KnowledgeApiJson.Default.SourceList)
            .Pages()
            .With(ApiParameter.Text("namespace", "Only of this one."), ApiParameter.Flag("include_deleted", "Also those that are deleted."));
        routes.MapPost("/api/knowledge/delete-by-source", (RequestDelegate)endpoints.DeleteSourceAsync)
            .Describe("Takes a document out.", KnowledgeApiJson.Default.SourceRequest, needs: "source", answer: KnowledgeApiJson.Default.Counted);
        routes.MapPost("/api/knowledge/restore-by-source", (RequestDelegate)endpoints.RestoreSourceAsync)
            .Describe("Takes it back in.", KnowledgeApiJson.Default.SourceRequest, needs: "source", answer: KnowledgeApiJson.Default.Counted);
    }

    /// <summary>Multipart with one <c>file</c> or several, or <c>{url}</c> or <c>{text, title}</c>.</summary>
    private async Task IngestAsync(HttpContext context)
    {
        var request = context.Request.HasFormContentType
            ? await UploadAsync(context)
            : await DescribedAsync(context);
        var work = await KnowledgeEndpoints.RefusingAsync(() => door.Ingests.StartAsync(request, context.RequestAborted));
        await JsonReply.WriteAsync(context, new Started(work.State.Id, work.State.Source), KnowledgeApiJson.Default.Started, StatusCodes.Status202Accepted);
    }

    private async Task<IngestRequest> UploadAsync(HttpContext context)
    {
        var upload = await Upload.ReadAsync(context, door.Service.Options.MaxDocumentBytes);
        if (upload.Files.Count == 0)
        {
            throw JsonBody.Missing("file", "the document, as a part with a file name.");
        }

        if (upload.Files.Count > 1 && (upload["source"] ?? upload["title"]) is not null)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_source", "source and title are for one file; these are several.", "source");
        }

        var documents = upload.Files.Select(f => new RawDocument(upload["source"] ?? f.Name, f.Body, upload["title"], f.MediaType, f.Charset)).ToList();
        return Described(documents.Count == 1 ? documents[0].Source : $"{documents.Count} files", documents, upload["domain"], upload["namespace"], upload["trust"]);
    }

    private async Task<IngestRequest> DescribedAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, KnowledgeApiJson.Default.IngestJsonRequest);
        if (given.Url is { } address)
        {
            var url = WebSource.Parse(address) ?? throw new ApiException(StatusCodes.Status400BadRequest, "bad_url", "url must be an absolute http or https address.", "url");
            return Described(url.AbsoluteUri, [], given.Domain, given.Namespace, given.Trust ?? "external") with { Documents = [door.Web.Of(url, given.Title)] };
        }

        if (string.IsNullOrWhiteSpace(given.Text))
        {
            throw JsonBody.Missing("url", "give a url, or a text with its title, or send a file as multipart/form-data.");
        }

        return string.IsNullOrWhiteSpace(given.Source ?? given.Title)
            ? throw JsonBody.Missing("title", "a text is ingested again, and deleted, by its source or else its title.")
            : Described(given.Source ?? given.Title!, [new RawDocument(given.Source ?? given.Title!, Encoding.UTF8.GetBytes(given.Text), given.Title, "text/markdown", "utf-8")], given.Domain, given.Namespace, given.Trust);
    }

    /// <summary>What an operator sends, the operator stands for, unless it says otherwise; a page of the web is from outside.</summary>
    private static IngestRequest Described(string source, IReadOnlyList<RawDocument> documents, string? domain, string? @namespace, string? trust) =>
        new(source, [.. documents.Select(PendingDocument.Of)])
        {
            Domain = string.IsNullOrWhiteSpace(domain) ? NewChunk.DefaultDomain : domain.Trim(),
            Namespace = @namespace ?? "",
            Trust = KnowledgeEndpoints.Trust(trust) ?? ChunkTrust.Operator,
        };

    private async Task ListAsync(HttpContext context)
    {
        var before = KnowledgeEndpoints.Asked(context, "cursor") is not { Length: > 0 } cursor ? (long?)null
            : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw BadCursor();
        var (items, next) = await door.Ingests.ListAsync(KnowledgeEndpoints.Number(context, "limit", DefaultLimit, KnowledgeStore.MaxPage), before, context.RequestAborted);
        await JsonReply.WriteAsync(
            context, new IngestList([.. items.Select(i => IngestShape.Of(i, door.Ingests.Progress(i.Id)))], next?.ToString(CultureInfo.InvariantCulture)), KnowledgeApiJson.Default.IngestList);
    }

    private async Task GetAsync(HttpContext context) => await JsonReply.WriteAsync(
        context, IngestShape.Of(await door.Ingests.GetAsync(Id(context), context.RequestAborted) ?? throw NotFound(context), door.Ingests.Progress(Id(context))), KnowledgeApiJson.Default.IngestShape);

    private async Task CancelAsync(HttpContext context)
    {
        if (!door.Ingests.Cancel(Id(context)))
        {
            var ingest = await door.Ingests.GetAsync(Id(context), context.RequestAborted) ?? throw NotFound(context);
            throw new ApiException(StatusCodes.Status409Conflict, "ingest_over", $"The ingest is {KnowledgeNames.Of(ingest.Status)}; there is nothing to cancel.");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task SourcesAsync(HttpContext context)
    {
        var behind = KnowledgeEndpoints.Asked(context, "cursor") is not { Length: > 0 } cursor ? null
            : Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) : throw BadCursor();
        var (items, next) = await (await door.Service.StoreAsync()).DocumentsAsync(
            KnowledgeEndpoints.Asked(context, "namespace"), KnowledgeEndpoints.Asked(context, "include_deleted") is "true" or "1",
            KnowledgeEndpoints.Number(context, "limit", DefaultLimit, KnowledgeStore.MaxPage), behind, context.RequestAborted);
        await JsonReply.WriteAsync(
            context, new SourceList([.. items.Select(SourceShape.Of)], next is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(next))), KnowledgeApiJson.Default.SourceList);
    }

    private async Task DeleteSourceAsync(HttpContext context)
    {
        var given = await SourceAsync(context);
        var count = await door.Service.DeleteSourceAsync(given.Namespace, given.Source!, context.RequestAborted);
        await JsonReply.WriteAsync(context, new Counted(given.Source!, count), KnowledgeApiJson.Default.Counted);
    }

    private async Task RestoreSourceAsync(HttpContext context)
    {
        var given = await SourceAsync(context);
        var count = await door.Service.RestoreSourceAsync(given.Namespace, given.Source!, context.RequestAborted);
        await JsonReply.WriteAsync(context, new Counted(given.Source!, count), KnowledgeApiJson.Default.Counted);
    }

    private static async Task<SourceRequest> SourceAsync(HttpContext context) =>
        await JsonBody.ReadAsync(context, KnowledgeApiJson.Default.SourceRequest) is var given && string.IsNullOrWhiteSpace(given.Source)
            ? throw JsonBody.Missing("source", "as GET /api/knowledge/sources shows it.") : given;

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static ApiException NotFound(HttpContext context) => new(
        StatusCodes.Status404NotFound, "ingest_not_found", $"There is no ingest '{Id(context)}' here. GET /api/knowledge/ingest lists those there are.");

    private static ApiException BadCursor() =>
        new(StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");

    internal sealed record IngestJsonRequest(string? Url, string? Text, string? Title, string? Source, string? Domain, string? Namespace, string? Trust);

    internal sealed record Started(string IngestId, string Source);

    internal sealed record SourceRequest(string? Source, string? Namespace);

    /// <param name="Chunks">How many were deleted, or are back.</param>
    internal sealed record Counted(string Source, long Chunks);

    /// <param name="Status"><c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c> or <c>interrupted</c>.</param>
    /// <param name="Document">The one in work, with how many of its pieces are done.</param>
    internal sealed record IngestShape(
        string IngestId, string Source, string Status, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Documents, long DocumentsDone, long Unchanged, long Failed,
        long ChunksAdded, long ChunksKept, long ChunksRemoved, string? Document, int? Pieces, int? AllPieces, string? Error)
    {
        public static IngestShape Of(Ingest i, DocumentProgress? progress) => new(
            i.Id, i.Source, KnowledgeNames.Of(i.Status), i.StartedAt, i.FinishedAt, i.Documents, i.DocumentsDone, i.Unchanged, i.FailedDocuments,
            i.ChunksAdded, i.ChunksKept, i.ChunksRemoved, progress?.Source, progress?.Pieces, progress?.AllPieces, i.Error);
    }

    internal sealed record IngestList(IReadOnlyList<IngestShape> Items, string? Next);

    internal sealed record SourceShape(
        string Source, string Title, string SourceType, string Trust, string Domain, string Namespace, long Chunks, DateTimeOffset IngestedAt, DateTimeOffset? DeletedAt)
    {
        public static SourceShape Of(KnownDocument d) => new(
            d.Document.Source, d.Document.Title, d.Document.SourceType, KnowledgeNames.Of(d.Document.Trust), d.Document.Domain, d.Document.Namespace, d.Chunks, d.IngestedAt, d.DeletedAt);
    }

    internal sealed record SourceList(IReadOnlyList<SourceShape> Items, string? Next);
}
