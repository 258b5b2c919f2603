using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>This agent as an MCP server, over streamable HTTP.</summary>
public static class McpApi
{
    public const string Prefix = "/mcp";

    /// <summary>Costs nothing until the first request.</summary>
    public static void MapMcpServer(this IEndpointRouteBuilder routes, McpServices services)
    {
        var engine = new McpEngine(services);
        var session = ApiParameter.Header(McpSessions.Header, "The session, as the answer to 'initialize' named it.");
        routes.MapPost(Prefix, (RequestDelegate)engine.PostAsync)
            .Describe("A JSON-RPC message of the Model Context Protocol (streamable HTTP).", notes: "The answer is a stream of messages, the last of them the answer; 202 to what has none.")
            .Takes("application/json").Answers(StatusCodes.Status200OK, null, "text/event-stream").Answers(StatusCodes.Status202Accepted)
            .With(session).Fails(McpApiJson.Default.ErrorAnswer);
        routes.MapGet(Prefix, (RequestDelegate)engine.GetAsync)
            .Describe("What the server has to say in a session without being asked.").Answers(StatusCodes.Status200OK, null, "text/event-stream")
            .With(session, ApiParameter.Header("Last-Event-ID", "The last message seen of a stream that broke: it goes on behind it.")).Fails(McpApiJson.Default.ErrorAnswer);
        routes.MapDelete(Prefix, (RequestDelegate)engine.DeleteAsync)
            .Describe("Ends a session.").Answers(StatusCodes.Status200OK).With(session).Fails(McpApiJson.Default.ErrorAnswer);
    }

    /// <summary>What was refused before it was a message of a session: JSON-RPC's error without an id, with our code in its data.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiException error)
    {
        context.Response.Headers.Remove(McpSessions.Header);
        return JsonReply.WriteAsync(context, new ErrorAnswer("2.0", null, new ErrorDetail(-32000, error.Message, new ErrorData(error.Code))), McpApiJson.Default.ErrorAnswer, error.Status);
    }

    internal sealed record ErrorAnswer(string Jsonrpc, string? Id, ErrorDetail Error);

    /// <param name="Data">Left out of what the protocol itself refuses.</param>
    internal sealed record ErrorDetail(int Code, string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorData? Data);

    internal sealed record ErrorData(string Code);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(McpApi.ErrorAnswer))]
internal sealed partial class McpApiJson : JsonSerializerContext;
