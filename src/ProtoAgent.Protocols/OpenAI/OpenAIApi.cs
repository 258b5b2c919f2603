using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>The OpenAI-compatible API.</summary>
public static class OpenAIApi
{
    public const string Prefix = "/v1";

    public static void MapOpenAI(this IEndpointRouteBuilder routes, OpenAIServices services)
    {
        ModelEndpoints.Map(routes, services);
        CompletionEndpoints.Map(routes, services);
    }

    /// <summary>Errors as OpenAI's clients read them.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiException error) =>
        JsonReply.WriteAsync(context, ErrorAnswer.Of(error), OpenAIJson.Default.ErrorAnswer, error.Status);
}
