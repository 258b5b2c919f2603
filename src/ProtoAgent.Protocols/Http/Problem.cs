using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ProtoAgent.Protocols.Http;

/// <summary>An error as RFC 9457 has it, with a stable <c>code</c>. Not OpenAI's shape; that has its own writer.</summary>
/// <param name="Instance">The path that was asked for.</param>
/// <param name="Field">The field of the request that is at fault; left out if none is.</param>
internal sealed record Problem(
    string Type, string Title, int Status, string Detail, string Code, string Instance, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field)
{
    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        var problem = new Problem(
            "about:blank", ReasonPhrases.GetReasonPhrase(error.Status), error.Status, error.Message, error.Code, context.Request.Path, error.Field);
        return JsonReply.WriteAsync(context, problem, ProblemJson.Default.Problem, error.Status, "application/problem+json");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ProblemJson : JsonSerializerContext;
