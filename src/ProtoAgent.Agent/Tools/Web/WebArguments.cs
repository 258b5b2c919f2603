using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Web;

public sealed record FetchUrlArguments(
    [property: Description("The absolute http:// or https:// URL.")] string Url,
    [property: Description("Characters of text to answer at most, 1 to 500000.")] int MaxChars = 18_000,
    [property: Description("The source of an HTML page instead of its readable text.")] bool Raw = false);

public sealed record WebSearchArguments(
    [property: Description("What to search for, as one would type it into a search engine.")] string Query,
    [property: Description("How many results, 1 to 20.")] int Count = 10,
    [property: Description("The language of the results as a code such as en or de-CH; without it any.")] string? Language = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FetchUrlArguments))]
[JsonSerializable(typeof(WebSearchArguments))]
internal sealed partial class WebJson : JsonSerializerContext;
