using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>Looks for models on this machine, and tries one before it is taken. Nothing of it is kept.</summary>
public sealed class ModelProbe(IReadOnlyList<int> ports, TimeProvider time)
{
    private const int MostNames = 200;

    /// <summary>Long enough to load nothing: what listens on loopback answers at once, or is busy with something else.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(60);

    /// <summary>Who listens there as a rule; only a guess, shown as one.</summary>
    private static readonly Dictionary<int, string> s_usual = new() { [11434] = "Ollama", [1234] = "LM Studio", [8080] = "llama.cpp", [8000] = "vLLM" };

    /// <summary>Asks each port of loopback for its models, all at once. Nothing beyond this machine is asked.</summary>
    public async Task<IReadOnlyList<FoundEndpoint>> DetectAsync(CancellationToken cancellationToken)
    {
        using var http = Client();
        var found = await Task.WhenAll(ports.Select(async port =>
        {
            var baseUrl = new Uri($"http://127.0.0.1:{port}/v1");
            try
            {
                return new FoundEndpoint(s_usual.GetValueOrDefault(port, "an OpenAI-compatible endpoint"), baseUrl.ToString(), await NamesAsync(http, baseUrl, null, s_look, cancellationToken));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException or NotSupportedException or InvalidOperationException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }));
        return [.. found.OfType<FoundEndpoint>()];
    }

    /// <summary>One short call, as a turn would make it.</summary>
    public async Task<ModelTrial> TryAsync(ModelOptions options, CancellationToken cancellationToken)
    {
        options = options with { Retries = 0, Timeout = s_try };
        var names = options.Provider == "openai" && options.BaseUrl is { } baseUrl ? await ListAsync(baseUrl, options.ApiKey, cancellationToken) : [];
        using var models = new ModelCatalog(options, time);
        models.TryGet(null, out var model);
        var begun = time.GetTimestamp();
        using var late = new CancellationTokenSource(s_try, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await foreach (var update in model!.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Answer with the word ready.")], new ChatOptions { MaxOutputTokens = 512 }, either.Token))
            {
                _ = update;
            }

            return new ModelTrial((long)time.GetElapsedTime(begun).TotalMilliseconds, names, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new ModelTrial((long)time.GetElapsedTime(begun).TotalMilliseconds, names, late.IsCancellationRequested ? ModelErrors.Timeout(options) : ModelErrors.From(e, options, begun: false));
        }
    }

    /// <summary>Not every endpoint lists its models; whether it answers is what the call shows.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(Uri baseUrl, string? key, CancellationToken cancellationToken)
    {
        try
        {
            using var http = Client();
            return await NamesAsync(http, baseUrl, key, s_look, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException or NotSupportedException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return [];
        }
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(HttpClient http, Uri baseUrl, string? key, TimeSpan within, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(within);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{baseUrl.ToString().TrimEnd('/')}/models");
        if (!string.IsNullOrEmpty(key))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var answer = await http.SendAsync(request, late.Token);
        answer.EnsureSuccessStatusCode();
        var list = await answer.Content.ReadFromJsonAsync(ModelProbeJson.Default.ModelNames, late.Token);
        return [.. (list?.Data ?? []).Select(m => m.Id).OfType<string>().Order(StringComparer.OrdinalIgnoreCase).Take(MostNames)];
    }

    /// <summary>A redirect would take the key along.</summary>
    private static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { MaxResponseContentBufferSize = 4 << 20 };

    internal sealed record ModelNames(IReadOnlyList<ModelName>? Data);

    internal sealed record ModelName(string? Id);
}

/// <param name="Kind">What usually listens there.</param>
/// <param name="Models">Their names, at most 200.</param>
public sealed record FoundEndpoint(string Kind, string BaseUrl, IReadOnlyList<string> Models);

/// <param name="Milliseconds">From the question to the end of the answer.</param>
/// <param name="Models">What the endpoint lists; empty if it lists nothing.</param>
/// <param name="Error">Null when it answered.</param>
public sealed record ModelTrial(long Milliseconds, IReadOnlyList<string> Models, ModelException? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelProbe.ModelNames))]
internal sealed partial class ModelProbeJson : JsonSerializerContext;
