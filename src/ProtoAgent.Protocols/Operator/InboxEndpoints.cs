using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What others leave for the agent.</summary>
internal sealed class InboxEndpoints(InboxService inbox)
{
    private const string DefaultSource = "api";

    /// <summary>The guard counts over a minute.</summary>
    private static readonly TimeSpan s_calm = TimeSpan.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder routes, InboxService inbox)
    {
        var endpoints = new InboxEndpoints(inbox);
        routes.MapGet("/api/inbox", (RequestDelegate)endpoints.ListAsync)
            .Describe("What waits, the most urgent first.", answer: InboxJson.Default.ItemList)
            .Pages()
            .With(ApiParameter.OneOf("priority_floor", "At least so urgent; next if left out.", "now", "next", "later"), ApiParameter.Flag("include_delivered", "Also what is dealt with."));
        routes.MapPost("/api/inbox", (RequestDelegate)endpoints.PostAsync)
            .Describe("Leaves something for the agent; 200 when it came before.", InboxJson.Default.PostRequest, needs: "text", answer: InboxJson.Default.Posted, status: StatusCodes.Status201Created)
            .Answers(StatusCodes.Status200OK, InboxJson.Default.Posted);
        routes.MapGet("/api/inbox/{id}", (RequestDelegate)endpoints.ShowAsync)
            .Describe("One item, dealt with or not.", answer: InboxJson.Default.Posted);
        routes.MapPost("/api/inbox/{id}/deliver", (RequestDelegate)endpoints.DeliverAsync)
            .Describe("Says that it is dealt with.", answer: InboxJson.Default.Posted);
        routes.MapDelete("/api/inbox/{id}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Takes it out.");
    }

    private async Task ListAsync(HttpContext context)
    {
        var floor = Priority(QueryValues.Text(context, "priority_floor"), "priority_floor");
        var limit = QueryValues.Limit(context, InboxStore.MaxPage);
        InboxPage page;
        try
        {
            page = await inbox.ListAsync(floor, QueryValues.Flag(context, "include_delivered"), limit, QueryValues.Text(context, "cursor"), context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw QueryValues.BadCursor();
        }

        await JsonReply.WriteAsync(context, new ItemList([.. page.Items.Select(Item.Of)], page.Next), InboxJson.Default.ItemList);
    }

    /// <summary>Answers when the item is on the disk.</summary>
    private async Task PostAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, InboxJson.Default.PostRequest);
        if (string.IsNullOrWhiteSpace(given.Text))
        {
            throw JsonBody.Missing("text", "it is what the agent is to read.");
        }

        InboxAdd answer;
        try
        {
            answer = await inbox.PostAsync(
                new NewItem(given.Text, Priority(given.Priority, "priority"), string.IsNullOrEmpty(given.Source) ? DefaultSource : given.Source, string.IsNullOrEmpty(given.DedupKey) ? null : given.DedupKey),
                context.RequestAborted);
        }
        catch (BadItemException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{e.Field}", e.Message, e.Field);
        }

        switch (answer)
        {
            case InboxAdd.Added added:
                await JsonReply.WriteAsync(context, new Posted(Item.Of(added.Item), Deduplicated: null), InboxJson.Default.Posted, StatusCodes.Status201Created);
                break;
            case InboxAdd.Deduplicated duplicate:
                await JsonReply.WriteAsync(context, new Posted(Item.Of(duplicate.Existing), Deduplicated: true), InboxJson.Default.Posted);
                break;
            case InboxAdd.Storm storm:
                throw new ApiException(StatusCodes.Status429TooManyRequests, "inbox_storm", storm.Notice.Text, "source", s_calm);
        }
    }

    private async Task ShowAsync(HttpContext context)
    {
        var item = await inbox.GetAsync(Id(context), context.RequestAborted) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, new Posted(Item.Of(item), Deduplicated: null), InboxJson.Default.Posted);
    }

    private async Task DeliverAsync(HttpContext context)
    {
        var item = await inbox.DeliverAsync(Id(context)) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, new Posted(Item.Of(item), Deduplicated: null), InboxJson.Default.Posted);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (!await inbox.DeleteAsync(Id(context)))
        {
            throw NotFound(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static InboxPriority Priority(string? name, string field) => InboxNames.Priority(name ?? "next")
        ?? throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{field}", $"{field} must be now, next or later.", field);

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static ApiException NotFound(HttpContext context) =>
        new(StatusCodes.Status404NotFound, "inbox_item_not_found", $"There is no item '{Id(context)}' in this inbox. GET /api/inbox lists those that wait.");

    /// <param name="Priority"><c>now</c>, <c>next</c> (the default) or <c>later</c>.</param>
    internal sealed record PostRequest(string? Text, string? Priority, string? Source, string? DedupKey);

    internal sealed record Posted(Item Item, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Deduplicated);

    internal sealed record ItemList(IReadOnlyList<Item> Items, string? Next);

    /// <param name="Status"><c>pending</c>, <c>claimed</c> (its turn runs), <c>delivered</c> or <c>expired</c>.</param>
    /// <param name="TurnId">The turn that read it; null if a person dealt with it.</param>
    /// <param name="Attempts">Turns that failed.</param>
    /// <param name="DueAt">Of one that is tried again: when.</param>
    internal sealed record Item(
        string Id, string Text, string Priority, string Source, string? DedupKey, string Status, DateTimeOffset CreatedAt, DateTimeOffset? DeliveredAt, string? TurnId, long Attempts, string? LastError, DateTimeOffset? DueAt)
    {
        public static Item Of(InboxItem i) => new(
            i.Id, i.Text, InboxNames.Of(i.Priority), i.Source, i.DedupKey, InboxNames.Of(i.Status), i.CreatedAt, i.DeliveredAt, i.TurnId, i.Attempts, i.LastError,
            i.Status == InboxStatus.Pending ? i.DueAt : null);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(InboxEndpoints.PostRequest))]
[JsonSerializable(typeof(InboxEndpoints.Posted))]
[JsonSerializable(typeof(InboxEndpoints.ItemList))]
internal sealed partial class InboxJson : JsonSerializerContext;
