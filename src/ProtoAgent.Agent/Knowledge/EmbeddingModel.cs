using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Instances;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>
/// Makes vectors at an OpenAI-compatible endpoint. One that fails is left alone for a while, longer each time: a search must not
/// wait for what is down. Nothing runs meanwhile; the next who asks after that tries.
/// </summary>
public sealed class EmbeddingModel : IDisposable
{
    /// <summary>Failures in a row until it is left alone. One alone may be chance.</summary>
    private const int Patience = 2;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);

    private readonly ModelOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private int _failures;
    private DateTimeOffset _closedUntil;
    private ModelException? _last;

    /// <param name="options">The group names the settings in messages; of the rest name, address, key and time count.</param>
    public EmbeddingModel(ModelOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;

        // As with the models: a redirect would take the key along.
        _http = new HttpClient(new TraceForwarding(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false }))
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }

    public string Name => _options.Name;

    /// <summary>While it is left alone.</summary>
    public StandingWarning? Warning()
    {
        lock (_gate)
        {
            return _failures < Patience || _last is null ? null : new StandingWarning(
                "knowledge_embeddings_down", $"Knowledge is searched by words alone: {_last.Message}",
                "It is tried again with searches and ingests to come; what comes in meanwhile gets its vectors then.");
        }
    }

    /// <summary>Null while it is left alone, or when it failed now.</summary>
    /// <param name="timeout">At most; the configured one if that is shorter.</param>
    public async Task<Embedded?> TryAsync(IReadOnlyList<string> texts, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_failures >= Patience && _time.GetUtcNow() < _closedUntil)
            {
                return null;
            }
        }

        using var late = new CancellationTokenSource(timeout < _options.Timeout ? timeout : _options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var embedded = await AskAsync(texts, either.Token);
            lock (_gate)
            {
                (_failures, _last) = (0, null);
            }

            return embedded;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is ModelException or HttpRequestException or IOException or JsonException or FormatException or OperationCanceledException)
        {
            Failed(ModelErrors.From(e, _options, begun: false));
            return null;
        }
    }

    /// <summary>For whoever asks for vectors themselves: what fails is theirs to know, and no reason to leave the model alone.</summary>
    /// <param name="dimensions">How long the vectors are to be; null leaves it to the model.</param>
    /// <exception cref="ModelException">There are none.</exception>
    public async Task<Embedded> EmbedAsync(IReadOnlyList<string> texts, int? dimensions, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await AskAsync(texts, either.Token, dimensions);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is ModelException or HttpRequestException or IOException or JsonException or FormatException or OperationCanceledException)
        {
            throw ModelErrors.From(e, _options, begun: false);
        }
    }

    public void Dispose() => _http.Dispose();

    private void Failed(ModelException e)
    {
        lock (_gate)
        {
            _last = e;
            _failures++;
            var pause = s_firstPause * Math.Pow(2, Math.Min(10, Math.Max(0, _failures - Patience)));
            _closedUntil = _time.GetUtcNow() + (e.RetryAfter is { } asked && asked > pause ? asked : pause < s_longestPause ? pause : s_longestPause);
        }
    }

    private async Task<Embedded> AskAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken, int? dimensions = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{(_options.BaseUrl?.ToString() ?? "https://api.openai.com/v1").TrimEnd('/')}/embeddings");
        request.Content = JsonContent.Create(new EmbeddingRequest(_options.Name, texts, dimensions), EmbeddingJson.Default.EmbeddingRequest);
        if (_options.ApiKey is { Length: > 0 } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var wait = ModelErrors.RetryAfter(response.Headers.TryGetValues("Retry-After", out var after) ? after.First() : null, response.Headers.Date?.ToString("R"));
            throw ModelErrors.FromStatus((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), wait, _options);
        }

        var answer = await response.Content.ReadFromJsonAsync(EmbeddingJson.Default.EmbeddingAnswer, cancellationToken);
        var vectors = (answer?.Data ?? []).OrderBy(d => d.Index).Select(d => Vector(d.Embedding)).ToArray();
        return vectors.Length == texts.Count && vectors.All(v => v.Length > 0 && v.Length == vectors[0].Length)
            ? new Embedded($"{_options.Name}/{vectors[0].Length}", vectors, answer!.Usage?.PromptTokens)
            : throw new ModelException("model_failed", $"The model endpoint {_options.Endpoint} answered {vectors.Length} vectors to {texts.Count} texts, or vectors of different lengths.");
    }

    /// <summary>A list of numbers, or their bytes in base64: endpoints do either, whatever they are asked.</summary>
    private static float[] Vector(JsonElement given) => given.ValueKind == JsonValueKind.String
        ? MemoryMarshal.Cast<byte, float>(given.GetBytesFromBase64()).ToArray()
        : [.. given.EnumerateArray().Select(n => n.GetSingle())];

    internal sealed record EmbeddingRequest(string Model, IReadOnlyList<string> Input, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Dimensions = null);

    internal sealed record EmbeddingAnswer(IReadOnlyList<EmbeddingItem>? Data, EmbeddingUsage? Usage = null);

    internal sealed record EmbeddingUsage(long? PromptTokens);

    internal sealed record EmbeddingItem(int Index, JsonElement Embedding);
}

/// <param name="Model">Name and dimensions: vectors of another model, or of another length, can't be compared with these.</param>
/// <param name="Tokens">Null where the endpoint did not say.</param>
public sealed record Embedded(string Model, IReadOnlyList<float[]> Vectors, long? Tokens = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmbeddingModel.EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingModel.EmbeddingAnswer))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;
