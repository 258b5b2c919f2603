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
        var at = $"the model endpoint {options.BaseUrl?.ToString() ?? "api.openai.com"}";
        return e switch
        {
            ModelException model => model,
            ClientResultException { Status: > 0 } answer => FromStatus(answer, at, options),

            // Several tries, each refused or cut: the last one says why.
            AggregateException { InnerExceptions: [.., var last] } => From(last, options, begun),
            JsonException or FormatException => new ModelException("model_stream_cut", $"The answer of {at} could not be read to its end; it is discarded. Try again.", inner: e),
            _ when begun || Root(e) is HttpIOException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted } => new ModelException("model_stream_cut", $"The answer of {at} was cut off; the part that came is discarded. Try again.", inner: e),
            _ when Root(e) is HttpRequestException or SocketException => new ModelException(
                "model_unreachable", $"Can't reach {at}: {Root(e).Message}. Is it running? It is set by model.base_url (PROTOAGENT_MODEL_BASE_URL).", inner: e),
            OperationCanceledException or TimeoutException => Timeout(options, at, e),
            _ => new ModelException("model_failed", $"The call to {at} failed: {Clean(e.Message, options)}", inner: e),
        };
    }

    public static ModelException Timeout(ModelOptions options, string? at = null, Exception? inner = null) => new(
        "model_timeout",
        $"The model did not answer within {options.Timeout.TotalSeconds:0} s ({at ?? options.BaseUrl?.ToString() ?? "api.openai.com"}). model.timeout_seconds sets how long to wait.",
        inner: inner);

    private static ModelException FromStatus(ClientResultException e, string at, ModelOptions options)
    {
        var reason = Clean(Reason(e), options);
        return e.Status switch
        {
            408 or 504 => new ModelException("model_timeout", $"The model at {at} took too long ({e.Status}): {reason}", RetryAfter(e), e),
            429 => new ModelException("model_rate_limited", $"{Capital(at)} asks for fewer requests (429): {reason}", RetryAfter(e), e),
            404 => new ModelException(
                "model_not_found", $"{Capital(at)} does not know the model or the path (404): {reason} Check model.name and model.base_url (it usually ends in /v1).", inner: e),
            401 or 403 => new ModelException(
                "model_refused", $"{Capital(at)} refuses the key ({e.Status}): {reason} Set OPENAI_API_KEY, or model.api_key in secrets.yaml.", inner: e),
            < 500 => new ModelException("model_refused", $"{Capital(at)} refuses the request ({e.Status}): {reason}", inner: e),
            _ => new ModelException("model_failed", $"{Capital(at)} failed ({e.Status}): {reason} Try again later.", RetryAfter(e), e),
        };
    }

    /// <summary>The endpoint's own sentence, if its body has one where OpenAI's has; else the start of the body.</summary>
    private static string Reason(ClientResultException e)
    {
        var body = e.GetRawResponse()?.Content.ToString() ?? e.Message;
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

    private static TimeSpan? RetryAfter(ClientResultException e) =>
        e.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true
        && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400))
            : null;

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

    private static Exception Root(Exception e) => e.InnerException is { } inner ? Root(inner) : e;

    private static string Capital(string at) => char.ToUpperInvariant(at[0]) + at[1..];
}
