using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Turns;

namespace ProtoAgent.Protocols.Http;

/// <summary>How a turn that failed is answered, on every surface alike.</summary>
internal static class TurnErrors
{
    public static ApiException From(TurnEvent.Failed failed) => new(
        failed.Code switch
        {
            "model_rate_limited" => StatusCodes.Status429TooManyRequests,
            "model_timeout" or "turn_timeout" => StatusCodes.Status504GatewayTimeout,
            "thread_busy" or "thread_conflict" or "thread_waiting" or "cancelled" => StatusCodes.Status409Conflict,
            "shutting_down" => StatusCodes.Status503ServiceUnavailable,
            "internal" => StatusCodes.Status500InternalServerError,
            var code when code.StartsWith("store_", StringComparison.Ordinal) => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status502BadGateway,
        },
        failed.Code,
        failed.Message,
        retryAfter: failed.RetryAfter);
}
