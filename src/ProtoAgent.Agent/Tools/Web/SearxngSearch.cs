using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Web;

/// <summary>Searches through a SearXNG instance, or what speaks its JSON. The operator names it, so it is not fenced.</summary>
public sealed class SearxngSearch(Uri endpoint, HttpClient http, TimeProvider time) : IWebSearch
{
    private const int LongestAnswer = 4 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Without what an operator may have put into the URL to be let in.</summary>
    private readonly string _shown = endpoint.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');

    public async Task<IReadOnlyList<WebSearchResult>> SearchAsync(string query, int count, string? language, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync(Address(query, language), HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new WebSearchException(Refusal(response.StatusCode));
            }

            await response.Content.LoadIntoBufferAsync(LongestAnswer, either.Token);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            var answer = await JsonSerializer.DeserializeAsync(body, SearxngJson.Default.SearxngAnswer, either.Token);
            return Results(answer, count);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebSearchException($"The search endpoint {_shown} did not answer within {s_patience.TotalSeconds:0} s. Try again later.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new WebSearchException($"Can't reach the search endpoint {_shown}: {e.Message} Is it running? It is set by web_search.url.", e);
        }
        catch (JsonException e)
        {
            throw new WebSearchException($"The search endpoint {_shown} did not answer with SearXNG's JSON. Is web_search.url the address of a SearXNG instance?", e);
        }
    }

    private Uri Address(string query, string? language)
    {
        // The configured URL is the instance's, or already that of its search page; a query it carries stays.
        var path = endpoint.AbsolutePath.TrimEnd('/');
        var kept = endpoint.Query.TrimStart('?');
        var search = $"q={Uri.EscapeDataString(query)}&format=json{(language is null ? "" : $"&language={Uri.EscapeDataString(language)}")}";
        return new UriBuilder(endpoint)
        {
            Path = path.EndsWith("/search", StringComparison.Ordinal) ? path : $"{path}/search",
            Query = kept.Length > 0 ? $"{kept}&{search}" : search,
            Fragment = "",
        }.Uri;
    }

    private List<WebSearchResult> Results(SearxngAnswer? answer, int count)
    {
        if (answer?.Results is not { } found)
        {
            throw new WebSearchException($"The search endpoint {_shown} did not answer with SearXNG's JSON. Is web_search.url the address of a SearXNG instance?");
        }

        if (found.Count == 0 && answer.UnresponsiveEngines is { Count: > 0 } silent)
        {
            throw new WebSearchException($"The search found nothing, because these engines of {_shown} did not answer: {string.Join(", ", silent.Select(Engine))}. Try again later.");
        }

        return
        [
            .. found
                .Where(f => f.Url is not null && Uri.TryCreate(f.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                .DistinctBy(f => f.Url)
                .Take(count)
                .Select(f => new WebSearchResult(f.Title ?? "", f.Url!, f.Content ?? "")),
        ];
    }

    /// <summary><c>["google", "timeout"]</c>, and further parts in some versions.</summary>
    private static string Engine(JsonElement engine) =>
        engine.ValueKind == JsonValueKind.Array ? string.Join(": ", engine.EnumerateArray().Take(2).Select(part => part.ToString())) : engine.ToString();

    private string Refusal(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Forbidden => $"The search endpoint {_shown} refuses (403). A SearXNG instance does so unless 'json' is among search.formats of its settings.yml; the operator can add it.",
        HttpStatusCode.TooManyRequests => $"The search endpoint {_shown} asks for fewer requests (429). Try again later; the operator can relax its limiter.",
        HttpStatusCode.Unauthorized => $"The search endpoint {_shown} wants a login (401), which web_search does not have.",
        HttpStatusCode.NotFound => $"There is no search at {_shown} (404). The operator sets the address of the SearXNG instance with web_search.url.",
        >= (HttpStatusCode)500 => $"The search endpoint {_shown} failed ({(int)status}). Try again later.",
        _ => $"The search endpoint {_shown} answered {(int)status}. Is web_search.url the address of a SearXNG instance?",
    };
}

internal sealed record SearxngAnswer(IReadOnlyList<SearxngResult>? Results, IReadOnlyList<JsonElement>? UnresponsiveEngines);

internal sealed record SearxngResult(string? Title, string? Url, string? Content);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SearxngAnswer))]
internal sealed partial class SearxngJson : JsonSerializerContext;
