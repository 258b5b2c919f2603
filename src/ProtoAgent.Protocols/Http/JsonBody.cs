using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

internal static class JsonBody
{
    /// <exception cref="ApiException">415 for another content type, 400 naming the field for a body that doesn't fit.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        // Also what keeps a form on a foreign page from posting here: a browser asks before it sends JSON.
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the body as JSON, with 'Content-Type: application/json'.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw new ApiException(StatusCodes.Status400BadRequest, "malformed_body", "The body is null and must be a JSON object.");
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..] : null;
            var where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                "malformed_body",
                field is null ? $"The body is not valid JSON, or not an object of the fields this route takes{where}." : $"The field '{field}' has the wrong type, is malformed, or is none that this route takes{where}.",
                field);
        }
    }

    public static ApiException Missing(string field, string what) =>
        new(StatusCodes.Status400BadRequest, "missing_field", $"The field '{field}' is missing or blank: {what}", field);
}
