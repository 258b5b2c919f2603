using System.ClientModel;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace ProtoAgent.Agent.Models;

/// <summary>What went wrong with a model, in words that say where and what to do.</summary>
internal static class ModelErrors
{
    private const int LongestReason = 300;

    /// <param name="begun">Some of the answer had come: then whatever broke, broke it off.</param>
    public static ModelException From(Exception e, ModelOptions options, bool begun)
    {
        var at = At(options);
        return e switch
        {
            ModelException model => model,
            ClientResultException { Status: > 0 } answer => FromStatus(answer.Status, answer.GetRawResponse()?.Content.ToString() ?? answer.Message, RetryAfter(answer), options, e),

            // Several tries, each refused or cut: the last one says why.
            AggregateException { InnerExceptions: [.., var last] } => From(last, options, begun),
            JsonException or FormatException => new ModelException("model_stream_cut", $"The answer of {at} could not be read to its end; it is discarded. Try again.", inner: e),
            _ when begun || Root(e) is HttpIOException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted } => new ModelException("model_stream_cut", $"The answer of {at} was cut off; the part that came is discarded. Try again.", inner: e),
            _ when Root(e) is HttpRequestException or SocketException => new ModelException(
                "model_unreachable", $"Can't reach {at}: {Root(e).Message}. Is it running? It is set by {options.Group}.base_url{(options.Group == "model" ? " (PROTOAGENT_MODEL_BASE_URL)" : "")}.", inner: e),
            OperationCanceledException or TimeoutException => Timeout(options, at, e),
            _ => new ModelException("model_failed", $"The call to {at} failed: {Clean(e.Message, options)}", inner: e),
        };
    }

    public static ModelException Timeout(ModelOptions options, string? at = null, Exception? inner = null) => new(
        "model_timeout",
        $"The model did not answer within {options.Timeout.TotalSeconds:0} s ({at ?? options.Endpoint}). {options.Group}.timeout_seconds sets how long to wait.",
        inner: inner);

    /// <summary>An answer that is an error.</summary>
    /// <param name="body">Whatever came with it.</param>
    public static ModelException FromStatus(int status, string body, TimeSpan? retryAfter, ModelOptions options, Exception? inner = null)
    {
        var at = Capital(At(options));
        var reason = Clean(Reason(body), options);
        var (code, message) = status switch
        {
            408 or 504 => ("model_timeout", $"{at} took too long ({status}): {reason}"),
            429 => ("model_rate_limited", $"{at} asks for fewer requests (429): {reason}"),
            404 => ("model_not_found", $"{at} does not know the model or the path (404): {reason} Check {NameSetting(options)} and {options.Group}.base_url ({(options.Provider == "anthropic" ? "without /v1/messages" : "it usually ends in /v1")})."),
            401 or 403 => ("model_refused", $"{at} refuses the key ({status}): {reason} Set {KeySetting(options)} in secrets.yaml."),
            < 400 => ("model_refused", $"{at} sends elsewhere ({status}), and a key does not follow. Set {options.Group}.base_url to the address it names."),
            < 500 => ("model_refused", $"{at} refuses the request ({status}): {reason}"),
            529 => ("model_failed", $"{at} is overloaded (529): {reason} Try again later."),
            _ => ("model_failed", $"{at} failed ({status}): {reason} Try again later."),
        };
        return new ModelException(code, message, retryAfter, inner) { IsTransient = status is 408 or 409 or 429 or >= 500 };
    }

    /// <summary>An error that came where a piece of the answer should have.</summary>
    /// <param name="type">As Anthropic names it: <c>overloaded_error</c>.</param>
    public static ModelException FromEvent(string? type, string? message, ModelOptions options) => FromStatus(
        type switch
        {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "request_too_large" => 413,
            "rate_limit_error" => 429,
            "timeout_error" => 504,
            "overloaded_error" => 529,
            _ => 500,
        },
        message ?? type ?? "",
        retryAfter: null,
        options);

    /// <summary>The text of a Retry-After: seconds, or a date to be compared with the answer's own clock, whatever ours says.</summary>
    public static TimeSpan? RetryAfter(string? text, string? date)
    {
        var wait = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400))
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var until) && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out var now) ? until - now
            : (TimeSpan?)null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static TimeSpan? RetryAfter(ClientResultException e) =>
        e.GetRawResponse()?.Headers is { } headers && headers.TryGetValue("Retry-After", out var text) ? RetryAfter(text, headers.TryGetValue("Date", out var date) ? date : null) : null;

    /// <summary>The endpoint's own sentence, if its body has one where OpenAI's and Anthropic's have; else the start of the body.</summary>
    private static string Reason(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var error = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out var inner) ? inner : document.RootElement;
            return error.ValueKind == JsonValueKind.String ? error.GetString()!
                : error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()!
                : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    /// <summary>One line, not long, and without the key: some endpoints repeat it.</summary>
    private static string Clean(string text, ModelOptions options)
    {
        var line = string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        if (options.ApiKey is { Length: > 0 } key)
        {
            line = line.Replace(key, "********", StringComparison.Ordinal);
        }

        return line.Length > LongestReason ? line[..LongestReason] + "…" : line;
    }

    private static string NameSetting(ModelOptions options) => options.Group == "model" ? "model.name" : $"{options.Group}.model";

    private static string KeySetting(ModelOptions options) => options switch
    {
        { Group: not "model" } => $"{options.Group}.api_key",
        { Provider: "anthropic" } => "ANTHROPIC_API_KEY, or model.anthropic_api_key",
        _ => "OPENAI_API_KEY, or model.api_key",
    };

    private static string At(ModelOptions options) => $"the model endpoint {options.Endpoint}";

    private static Exception Root(Exception e) => e.InnerException is { } inner ? Root(inner) : e;

    private static string Capital(string at) => char.ToUpperInvariant(at[0]) + at[1..];
}
