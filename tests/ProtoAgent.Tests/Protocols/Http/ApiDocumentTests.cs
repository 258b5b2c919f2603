using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Tests.Architecture;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Http;

/// <summary>The description of the HTTP surface, which is made from its routes.</summary>
public sealed partial class ApiDocumentTests
{
    [Fact]
    public async Task Document_OfARoute_HasItsPathQueryBodyAnswersAndErrors()
    {
        var post = (await ReadAsync())["paths"]!["/api/leaves/{id}:turn"]!["post"]!;
        (post["operationId"]!.GetValue<string>(), post["tags"]![0]!.GetValue<string>(), post["summary"]!.GetValue<string>()).ShouldBe(("postApiLeavesIdTurn", "leaves", "Turns a leaf."));
        post["parameters"]!.ToJsonString().ShouldBe(
            """
            [{"name":"id","in":"path","required":true,"schema":{"type":"string"}},
            {"name":"limit","in":"query","description":"How many at most; 50 if left out.","schema":{"type":"integer","minimum":1,"maximum":500}},
            {"name":"cursor","in":"query","description":"The \u0027next\u0027 of the page before; left out for the first.","schema":{"type":"string"}}]
            """.ReplaceLineEndings(""));
        post["requestBody"]!["content"]!.ToJsonString().ShouldBe(
            """{"application/json":{"schema":{"allOf":[{"$ref":"#/components/schemas/ApiDocumentTestsLeaf"},{"required":["name","age"]}]}},"text/markdown":{"schema":{"type":"string"}}}""");
        post["responses"]!.ToJsonString().ShouldBe(
            """
            {"201":{"description":"Created","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ApiDocumentTestsLeaf"}}}},
            "202":{"description":"Accepted"},
            "default":{"description":"What is wrong, where, and what to do.","content":{"application/problem\u002Bjson":{"schema":{"$ref":"#/components/schemas/Problem"}}}}}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task Document_OfAnObject_LeavesOutWhatMayBeNullAndNamesWhatIsWithinItself() =>
        (await ReadAsync())["components"]!["schemas"]!["ApiDocumentTestsLeaf"]!.ToJsonString().ShouldBe(
            """
            {"type":"object","properties":{"name":{"type":"string"},"age":{"type":["integer","null"]},"fell_at":{"type":["string","null"],"format":"date-time"},
            "vein":{"anyOf":[{"$ref":"#/components/schemas/ApiDocumentTestsVein"},{"type":"null"}]},"twins":{"type":["array","null"],"items":{"$ref":"#/components/schemas/ApiDocumentTestsLeaf"}}},
            "additionalProperties":false,"required":["name"]}
            """.ReplaceLineEndings(""));

    [Fact]
    public async Task Document_OfAPublicRoute_AsksForNoToken()
    {
        var paths = (await ReadAsync())["paths"]!;
        paths["/healthz"]!["get"]!["security"]!.AsArray().ShouldBeEmpty();
        paths["/healthz"]!["get"]!["responses"]!["default"]!["content"]!.AsObject().Select(c => c.Key).ShouldBe(["application/json"]);
        paths["/openapi/v1.json"]!["get"]!.AsObject().ContainsKey("security").ShouldBeFalse();
        paths.AsObject().ContainsKey("/undescribed").ShouldBeFalse();
    }

    [Fact]
    public async Task Document_AskedForAgain_IsNotSentAgain()
    {
        await using var api = await StartAsync();
        using var first = await api.Http.GetAsync("/openapi/v1.json");
        first.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        first.Headers.CacheControl!.NoCache.ShouldBeTrue();
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var same = await api.Http.SendAsync(again);
        (same.StatusCode, (await same.Content.ReadAsByteArrayAsync()).Length).ShouldBe((HttpStatusCode.NotModified, 0));
        using var other = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json") { Headers = { IfNoneMatch = { EntityTagHeaderValue.Parse("\"other\"") } } };
        using var sent = await api.Http.SendAsync(other);
        sent.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>The document is made of what stands beside the routes, so a route without it is missing there.</summary>
    [Fact]
    public void Route_WithoutADescription_None()
    {
        var mapped = SourceTree.Sources.Where(f => f.Namespace?.StartsWith("ProtoAgent.Protocols", StringComparison.Ordinal) == true)
            .SelectMany(f => Mapped().Matches(f.Text).Select(m => (f.Path, Statement: m.Value))).ToList();
        mapped.Count.ShouldBeGreaterThan(80);
        mapped.Where(m => !m.Statement.Contains(".Describe(", StringComparison.Ordinal)).Select(m => $"{m.Path}: {m.Statement.Split('\n')[0].Trim()}").ShouldBeEmpty();
    }

    private static async Task<JsonNode> ReadAsync()
    {
        await using var api = await StartAsync();
        return (await api.SendAsync(HttpMethod.Get, "/openapi/v1.json")).Body!;
    }

    private static Task<ApiBench> StartAsync() => ApiBench.StartAsync(new HttpOptions(), routes =>
    {
        RequestDelegate nothing = _ => Task.CompletedTask;
        ApiDocumentEndpoint.Map(routes, "Leaves", "1.2.3");
        routes.MapGet("/undescribed", nothing);
        routes.MapGet("/healthz", nothing).Describe("Whether it serves.").Fails(LeafJson.Default.Leaf);
        routes.MapPost("/api/leaves/{id}:turn", nothing)
            .Describe("Turns a leaf.", LeafJson.Default.Leaf, needs: "name, age", answer: LeafJson.Default.Leaf, status: 201).Takes("text/markdown").Answers(202).Pages();
    });

    [GeneratedRegex(@"\.Map(Get|Post|Put|Delete|Patch|Methods)\(.*?;$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Mapped();

    internal sealed record Leaf(string Name, int? Age, DateTimeOffset? FellAt, Vein? Vein, IReadOnlyList<Leaf>? Twins);

    internal sealed record Vein(string Colour);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ApiDocumentTests.Leaf))]
internal sealed partial class LeafJson : JsonSerializerContext;
