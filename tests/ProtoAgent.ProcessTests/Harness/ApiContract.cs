using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;

namespace ProtoAgent.ProcessTests.Harness;

/// <summary>What <c>/openapi/v1.json</c> promises, and requests that are held to it.</summary>
internal sealed class ApiContract(AgentProcess agent, JsonNode document)
{
    private readonly HashSet<string> _answered = [];

    /// <summary>"GET /api/inbox": every operation of the document.</summary>
    public IReadOnlyList<string> Operations { get; } =
        [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"))];

    /// <summary>Those that answered with success.</summary>
    public IReadOnlySet<string> Answered => _answered;

    public static async Task<ApiContract> ReadAsync(AgentProcess agent) => new(agent, await agent.GetAsync("/openapi/v1.json"));

    /// <summary>The answer, which is one the document has, of the shape it says there.</summary>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, string? body = null, string mediaType = "application/json", int? expected = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, mediaType) };
        return await SendAsync(request, expected);
    }

    public async Task<JsonNode?> SendAsync(HttpRequestMessage request, int? expected = null)
    {
        var path = request.RequestUri!.OriginalString;
        var operation = OperationOf(request.Method.Method, path.Split('?')[0]);
        using var answer = await agent.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var (status, type) = ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
        var text = type == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync();
        var what = $"{request.Method} {path} answered {status} {text}";
        status.ShouldBeLessThan(500, what);
        if (expected is { } wanted)
        {
            status.ShouldBe(wanted, what);
        }

        var responses = document["paths"]![operation.Path]![operation.Method.ToLowerInvariant()]!["responses"]!.AsObject();
        var promised = responses[$"{status}"] ?? (status >= 400 ? responses["default"] : null);
        promised.ShouldNotBeNull($"{what}, which is not in the document.");
        if (status < 400)
        {
            _answered.Add($"{operation.Method} {operation.Path}");
        }

        if (promised["content"] is not JsonObject content)
        {
            text.ShouldBeEmpty(what);
            return null;
        }

        content[type!].ShouldNotBeNull($"{what} as {type}, which is not in the document.");
        if (type is not ("application/json" or "application/problem+json"))
        {
            return null;
        }

        var json = JsonNode.Parse(text);
        Problems(content[type]!["schema"]!, json, "$").ShouldBeEmpty(what);
        return json;
    }

    /// <summary>A route of this path; literal segments win over those in braces.</summary>
    private (string Method, string Path) OperationOf(string method, string path)
    {
        var segments = path.Split('/');
        var found = Operations.Where(o => o.StartsWith(method + " ", StringComparison.Ordinal)).Select(o => o[(method.Length + 1)..])
            .Where(p => p.Split('/') is var pattern && pattern.Length == segments.Length && pattern.Zip(segments).All(s => s.First == s.Second || s.First.StartsWith('{')))
            .OrderBy(p => p.Count(c => c == '{')).FirstOrDefault();
        return (method, found ?? throw new ShouldAssertException($"{method} {path} is not in the document."));
    }

    /// <summary>Where the value is not what the schema says; a field the schema does not know counts.</summary>
    private List<string> Problems(JsonNode schema, JsonNode? value, string at)
    {
        if (schema.GetValueKind() == JsonValueKind.True)
        {
            return [];
        }

        if (schema["$ref"] is { } reference)
        {
            return Problems(document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!, value, at);
        }

        if (schema["anyOf"] is JsonArray any)
        {
            return any.Any(s => Problems(s!, value, at).Count == 0) ? [] : [$"{at} is none of {any.ToJsonString()}"];
        }

        var kind = value switch
        {
            null => "null",
            JsonArray => "array",
            JsonObject => "object",
            _ => value.GetValueKind() switch { JsonValueKind.String => "string", JsonValueKind.Number => "number", _ => "boolean" },
        };
        var types = schema["type"] switch { null => [kind], JsonArray several => several.Select(t => (string)t!).ToArray(), var one => [(string)one!] };
        if (!types.Contains(kind) && !(kind == "number" && types.Contains("integer")))
        {
            return [$"{at} is {kind}, not {string.Join(" or ", types)}"];
        }

        return value switch
        {
            JsonArray items when schema["items"] is { } each => [.. items.SelectMany((item, i) => Problems(each, item, $"{at}[{i}]"))],
            JsonObject fields when schema["properties"] is JsonObject known =>
            [
                .. (schema["required"]?.AsArray() ?? []).Where(r => !fields.ContainsKey((string)r!)).Select(r => $"{at} lacks {r}"),
                .. fields.SelectMany(f => known[f.Key] is { } field ? Problems(field, f.Value, $"{at}.{f.Key}") : [$"{at}.{f.Key} is not in the schema"]),
            ],
            JsonObject fields when schema["additionalProperties"] is JsonObject each => [.. fields.SelectMany(f => Problems(each, f.Value, $"{at}.{f.Key}"))],
            _ => [],
        };
    }
}
