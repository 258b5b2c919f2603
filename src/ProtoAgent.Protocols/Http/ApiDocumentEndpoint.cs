using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ProtoAgent.Protocols.Http;

/// <summary><c>GET /openapi/v1.json</c>: made when it is first asked for, because a start has no time for it, and kept: routes don't change.</summary>
public sealed class ApiDocumentEndpoint
{
    private readonly Lazy<(byte[] Body, string Tag)> _document;

    private ApiDocumentEndpoint(Func<byte[]> write) => _document = new(() =>
    {
        var body = write();
        return (body, $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"");
    });

    /// <summary>Of every route that is mapped by the time it is asked for.</summary>
    public static void Map(IEndpointRouteBuilder routes, string title, string version)
    {
        var endpoint = new ApiDocumentEndpoint(() => Encoding.UTF8.GetBytes(ApiDocument.Of(routes.DataSources.SelectMany(s => s.Endpoints), title, version).ToJsonString()));
        routes.MapGet("/openapi/v1.json", (RequestDelegate)endpoint.GetAsync)
            .Describe("This document: the whole HTTP surface as OpenAPI 3.1.")
            .Answers(StatusCodes.Status200OK, ProblemJson.Default.JsonObject).Answers(StatusCodes.Status304NotModified)
            .With(ApiParameter.Header("If-None-Match", "The ETag of the document one has."));
    }

    private async Task GetAsync(HttpContext context)
    {
        var (body, tag) = _document.Value;
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
