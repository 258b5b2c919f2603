using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The MCP servers this instance calls. Variables and headers go in and never come out: they are secrets.</summary>
internal sealed class McpEndpoints(McpServers servers)
{
    public static void Map(IEndpointRouteBuilder routes, McpServers servers)
    {
        var endpoints = new McpEndpoints(servers);
        routes.MapGet("/api/mcp/servers", (RequestDelegate)endpoints.ListAsync)
            .Describe("The MCP servers this instance calls, with state and tools.", answer: McpJson.Default.ServerList).Pages();
        routes.MapPost("/api/mcp/servers", (RequestDelegate)endpoints.AddAsync)
            .Describe("Adds a server, and connects to it.", McpJson.Default.McpServerDocument, needs: "name", answer: McpJson.Default.Server, status: StatusCodes.Status201Created);
        routes.MapDelete("/api/mcp/servers/{name}", (RequestDelegate)endpoints.RemoveAsync)
            .Describe("Takes a server out.");
    }

    private Task ListAsync(HttpContext context)
    {
        var (items, next) = ListPage.Of(context, servers.List(), s => s.Name);
        return JsonReply.WriteAsync(context, new ServerList([.. items.Select(Server.Of)], next), McpJson.Default.ServerList);
    }

    /// <summary>Kept on disk when this answers; its tools are there once it is connected.</summary>
    private async Task AddAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, McpJson.Default.McpServerDocument);
        if (string.IsNullOrWhiteSpace(given.Name))
        {
            throw JsonBody.Missing("name", "the server's tools are called <name>__<tool>.");
        }

        try
        {
            await JsonReply.WriteAsync(context, Server.Of(servers.Add(given.ToOptions())), McpJson.Default.Server, StatusCodes.Status201Created);
        }
        catch (McpServerRefusedException e)
        {
            throw Refused(e);
        }
    }

    private async Task RemoveAsync(HttpContext context)
    {
        var name = (string)context.GetRouteValue("name")!;
        try
        {
            if (!await servers.RemoveAsync(name))
            {
                throw new ApiException(StatusCodes.Status404NotFound, "mcp_server_not_found", $"There is no MCP server '{name}' here. GET /api/mcp/servers lists those there are.");
            }
        }
        catch (McpServerRefusedException e)
        {
            throw Refused(e);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static ApiException Refused(McpServerRefusedException e) => new(
        e.Code switch
        {
            "mcp_server_invalid" => StatusCodes.Status400BadRequest,
            "mcp_servers_file" => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status409Conflict,
        },
        e.Code, e.Message, e.Field);

    /// <param name="State"><c>disabled</c>, <c>connecting</c>, <c>ready</c>, <c>restarting</c> or <c>failed</c>.</param>
    /// <param name="Origin"><c>config</c> or <c>api</c>.</param>
    internal sealed record Server(string Name, string Target, string State, IReadOnlyList<string> Tools, string? LastError, string Origin)
    {
        public static Server Of(McpServerStatus s) =>
            new(s.Name, s.Target, s.State.ToString().ToLowerInvariant(), s.Tools, s.LastError, s.Origin.ToString().ToLowerInvariant());
    }

    internal sealed record ServerList(IReadOnlyList<Server> Items, string? Next);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(McpServerDocument))]
[JsonSerializable(typeof(McpEndpoints.Server))]
[JsonSerializable(typeof(McpEndpoints.ServerList))]
internal sealed partial class McpJson : JsonSerializerContext;
