using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>Anthropic's Messages API (version 2023-06-01), at its own endpoint or one that speaks the same.</summary>
internal sealed class AnthropicClient(ModelOptions options, HttpClient http, TimeProvider time) : IChatClient
{
    private const string Version = "2023-06-01";
    private const int LongestError = 64 * 1024;

    private static readonly Uri s_own = new("https://api.anthropic.com");

    private readonly Uri _url = Messages(options.BaseUrl ?? s_own);

    /// <summary>Streams too: a long answer would otherwise leave the connection silent until something between closes it.</summary>
    /// <exception cref="ModelException">There was no whole answer.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var answer = await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
        return answer.FinishReason is not null ? answer : throw ModelErrors.From(new EndOfStreamException(), Settings, begun: true);
    }

    /// <summary>Asks again, as often as allowed, while nothing of the answer has come; then it is this answer or none.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(RequestMapper.Map(messages, options, Settings), AnthropicJson.Default.MessagesRequest);
        await using var answer = await BeginAsync(body, cancellationToken);
        while (answer.Current is { } update)
        {
            yield return update;
            if (!await answer.MoveNextAsync())
            {
                break;
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>The HTTP client is not ours.</summary>
    public void Dispose()
    {
    }

    private ModelOptions Settings => options;

    /// <summary>An answer that stands at its first piece, or at its end if it has none.</summary>
    private async Task<IAsyncEnumerator<ChatResponseUpdate>> BeginAsync(byte[] body, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            TimeSpan wait;
            var answer = AskAsync(body, cancellationToken).GetAsyncEnumerator(cancellationToken);
            try
            {
                await answer.MoveNextAsync();
                return answer;
            }
            catch (Exception e)
            {
                await answer.DisposeAsync();
                if (tries >= options.Retries || cancellationToken.IsCancellationRequested || RetryPause.After(e, tries) is not { } pause || pause > options.Timeout)
                {
                    throw;
                }

                wait = pause;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AskAsync(byte[] body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("anthropic-version", Version);
        if (options.ApiKey is { Length: > 0 } key)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await RefuseErrorAsync(response, stream, cancellationToken);

        var reader = new AnswerReader(options);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, AnthropicJson.Default.StreamEvent));
        await foreach (var item in events.EnumerateAsync(cancellationToken))
        {
            if (item.Data is not null && reader.Take(item.Data) is { } update)
            {
                yield return update;
            }

            if (reader.IsDone)
            {
                break;
            }
        }
    }

    private async Task RefuseErrorAsync(HttpResponseMessage response, Stream stream, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var headers = response.Headers.NonValidated;
            var after = headers.TryGetValues("retry-after", out var wait)
                ? ModelErrors.RetryAfter(wait.ToString(), headers.TryGetValues("date", out var date) ? date.ToString() : time.GetUtcNow().ToString("r"))
                : null;
            throw ModelErrors.FromStatus((int)response.StatusCode, await BeginningAsync(stream, cancellationToken), after, options);
        }

        if (response.Content.Headers.ContentType?.MediaType is var type && type != "text/event-stream")
        {
            throw new ModelException(
                "model_failed",
                $"The model endpoint {options.Endpoint} answered with {type ?? "something without a type"} instead of a stream of events. Is {options.Group}.base_url that of an Anthropic endpoint?");
        }
    }

    /// <summary>Enough of an error to say what it is, however long it goes on.</summary>
    private static async Task<string> BeginningAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestError];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken));
        }
        catch (IOException)
        {
            // The status alone says what went wrong.
            return "";
        }
    }

    /// <summary>People write the address with and without its version.</summary>
    private static Uri Messages(Uri baseUrl)
    {
        var address = baseUrl.ToString().TrimEnd('/');
        return new Uri(address + (address.EndsWith("/v1", StringComparison.Ordinal) ? "/messages" : "/v1/messages"));
    }
}
