using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary><c>{"error":{…}}</c>.</summary>
internal sealed record ErrorAnswer(ErrorBody Error)
{
    public static ErrorAnswer Of(ApiException error) => new(new ErrorBody(
        error.Message,
        error.Status switch
        {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            >= 500 => "server_error",
            _ => "invalid_request_error",
        },
        error.Field,
        error.Code));
}

/// <param name="Param">The field of the request that is at fault.</param>
internal sealed record ErrorBody(string Message, string Type, string? Param, string? Code);
