using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Fleet;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The instances this one supervises.</summary>
internal sealed class FleetEndpoints(FleetSupervisor fleet)
{
    public static void Map(IEndpointRouteBuilder routes, FleetSupervisor fleet)
    {
        var endpoints = new FleetEndpoints(fleet);
        routes.MapGet("/api/fleet", (RequestDelegate)endpoints.ListAsync)
            .Describe("The instances this one supervises.", answer: FleetJson.Default.MemberList).Pages();
        routes.MapPost("/api/fleet", (RequestDelegate)endpoints.AddAsync)
            .Describe("Takes a new member in and starts it; answers once it does, or has failed to.", FleetJson.Default.NewMember, needs: "name", answer: FleetJson.Default.FleetMember, status: StatusCodes.Status201Created);
        routes.MapGet("/api/fleet/{name}", (RequestDelegate)(context => AnswerAsync(context, fleet.ShowAsync)))
            .Describe("A member, with the folders its data is in: what removing it with purge deletes.", answer: FleetJson.Default.FleetMember);
        routes.MapPost("/api/fleet/{name}/start", (RequestDelegate)(context => AnswerAsync(context, fleet.StartAsync)))
            .Describe("Starts a member.", answer: FleetJson.Default.FleetMember);
        routes.MapPost("/api/fleet/{name}/stop", (RequestDelegate)(context => AnswerAsync(context, fleet.StopAsync)))
            .Describe("Stops a member; its process is gone when this answers.", answer: FleetJson.Default.FleetMember);
        routes.MapDelete("/api/fleet/{name}", (RequestDelegate)endpoints.RemoveAsync)
            .Describe("Stops a member and takes it out. Its data stays, unless purge is true.", answer: FleetJson.Default.RemovedMember);
    }

    private async Task ListAsync(HttpContext context)
    {
        var (items, next) = ListPage.Of(context, await AskAsync(fleet.ListAsync), m => m.Name);
        await JsonReply.WriteAsync(context, new MemberList(items, next), FleetJson.Default.MemberList);
    }

    private async Task AddAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, FleetJson.Default.NewMember);
        if (string.IsNullOrWhiteSpace(given.Name))
        {
            throw JsonBody.Missing("name", "it is the new instance's id.");
        }

        if (given.Port is < 1 or > 65535)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_port", "port must be a whole number from 1 to 65535; leave it out for a free one.", "port");
        }

        var member = await AskAsync(() => fleet.AddAsync(given.Name, given.Port));
        await JsonReply.WriteAsync(context, member, FleetJson.Default.FleetMember, StatusCodes.Status201Created);
    }

    private static async Task AnswerAsync(HttpContext context, Func<string, Task<FleetMember>> ask) =>
        await JsonReply.WriteAsync(context, await AskAsync(() => ask(RouteName(context))), FleetJson.Default.FleetMember);

    private async Task RemoveAsync(HttpContext context)
    {
        var (name, purge) = (RouteName(context), QueryValues.Flag(context, "purge"));
        var data = await AskAsync(() => fleet.RemoveAsync(name, purge));
        await JsonReply.WriteAsync(context, new RemovedMember(name, !purge, data), FleetJson.Default.RemovedMember);
    }

    private static string RouteName(HttpContext context) => (string)context.GetRouteValue("name")!;

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (FleetRefusedException e)
        {
            throw new ApiException(
                e.Code switch
                {
                    "member_not_found" => StatusCodes.Status404NotFound,
                    "member_name_invalid" => StatusCodes.Status400BadRequest,
                    "fleet_file" or "member_not_started" or "member_not_purged" => StatusCodes.Status503ServiceUnavailable,
                    _ => StatusCodes.Status409Conflict,
                },
                e.Code, e.Message, e.Code == "member_name_invalid" ? "name" : null);
        }
    }

    internal sealed record NewMember(string? Name = null, int? Port = null);

    internal sealed record MemberList(IReadOnlyList<FleetMember> Items, string? Next);

    /// <param name="DataKept">Whether what <paramref name="Data"/> lists is still there.</param>
    internal sealed record RemovedMember(string Name, bool DataKept, IReadOnlyList<string> Data);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FleetEndpoints.NewMember))]
[JsonSerializable(typeof(FleetMember))]
[JsonSerializable(typeof(FleetEndpoints.MemberList))]
[JsonSerializable(typeof(FleetEndpoints.RemovedMember))]
internal sealed partial class FleetJson : JsonSerializerContext;
