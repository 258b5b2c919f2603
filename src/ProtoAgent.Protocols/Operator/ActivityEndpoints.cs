using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Activity;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the agent did unasked.</summary>
internal sealed class ActivityEndpoints(ActivityLog activity)
{
    public static void Map(IEndpointRouteBuilder routes, ActivityLog activity) =>
        routes.MapGet("/api/activity", (RequestDelegate)new ActivityEndpoints(activity).ListAsync)
            .Describe("What the agent did unasked, newest last.", answer: ActivityListJson.Default.LineList)
            .Pages()
            .With(ApiParameter.OneOf("origin", "Only what that one made it do; all if left out.", "scheduler", "inbox", "a2a", "operator"));

    /// <summary>The latest, newest last; <c>next</c> is the page before it in time.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var origin = Origin(QueryValues.Text(context, "origin"));
        ActivityPage page;
        try
        {
            page = await activity.ListAsync(QueryValues.Limit(context, ActivityStore.MaxPage), QueryValues.Text(context, "cursor"), origin, context.RequestAborted);
        }
        catch (ArgumentException)
        {
            throw QueryValues.BadCursor();
        }

        await JsonReply.WriteAsync(context, new LineList([.. page.Items.Select(ActivityMessage.Of)], page.Older), ActivityListJson.Default.LineList);
    }

    private static ActivityOrigin? Origin(string? name) => name is null ? null : ActivityNames.Origin(name)
        ?? throw new ApiException(StatusCodes.Status400BadRequest, "bad_origin", "origin must be scheduler, inbox, a2a or operator; leave it out for all.", "origin");

    internal sealed record LineList(IReadOnlyList<ActivityMessage> Items, string? Next);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ActivityEndpoints.LineList))]
internal sealed partial class ActivityListJson : JsonSerializerContext;
