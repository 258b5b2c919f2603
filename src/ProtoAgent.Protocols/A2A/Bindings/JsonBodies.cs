using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

internal static class JsonBodies
{
    /// <summary>Of HTTP+JSON (specification 11.1, 14.1).</summary>
    public const string A2AJsonType = "application/a2a+json";

    /// <summary>Also what keeps a form on a foreign page from posting here: a browser asks before it sends JSON.</summary>
    /// <exception cref="ApiException">415.</exception>
    public static void RefuseOthers(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", $"Send the body as JSON, with 'Content-Type: application/json' or '{A2AJsonType}'.");
        }
    }

    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class, IChecked
    {
        RefuseOthers(context);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return A2AReader.Read(body.GetBuffer().AsSpan(0, (int)body.Length), type);
    }

    public static async Task WriteAsync(HttpContext context, JsonNode answer, int status, string type)
    {
        var body = Encoding.UTF8.GetBytes(answer.ToJsonString());
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
