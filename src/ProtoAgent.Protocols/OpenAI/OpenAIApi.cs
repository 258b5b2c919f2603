using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.OpenAI.Responses;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>The OpenAI-compatible API.</summary>
public static class OpenAIApi
{
    public const string Prefix = "/v1";

    public static void MapOpenAI(this IEndpointRouteBuilder routes, OpenAIServices services)
    {
        ModelEndpoints.Map(routes, services);
        CompletionEndpoints.Map(routes, services);
        ResponseEndpoints.Map(routes, services);
        EmbeddingEndpoints.Map(routes, services);
    }

    /// <summary>Errors as OpenAI's clients read them.</summary>
    public static Task WriteErrorAsync(HttpContext context, ApiException error)
    {
        // These clients ask again on 409 and 5xx by themselves, and each time would begin another turn that can only end alike. Where none
        // has begun they may: by then the thread may be free.
        if (error is { Status: StatusCodes.Status409Conflict, Code: not ("thread_conflict" or "thread_busy" or "response_in_progress") }
            || error.Code is "model_refused" or "model_not_found" or "turn_rounds" or "turn_tokens" or "turn_stalled" or "turn_timeout")
        {
            context.Response.Headers["x-should-retry"] = "false";
        }

        return JsonReply.WriteAsync(context, ErrorAnswer.Of(error), OpenAIJson.Default.ErrorAnswer, error.Status);
    }
}
