using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Knowledge;

internal sealed record RememberArguments(
    [property: Description("What is to be known: a fact or a short note that can be understood by itself.")] string Content,
    [property: Description("What kind of knowledge it is, such as 'preferences' or 'project'.")] string Domain = "general",
    [property: Description("What it is about, in a few words.")] string? Heading = null);

internal sealed record RecallArguments(
    [property: Description("What to look for: a question or words. \"Words in quotes\" are looked for as a phrase.")] string Query,
    [property: Description("How many to answer at most, 1 to 20.")] int K = 5,
    [property: Description("Only of this domain.")] string? Domain = null);

internal sealed record ListArguments(
    [property: Description("Only of this domain.")] string? Domain = null,
    [property: Description("How many at most, 1 to 200; the newest first.")] int Limit = 50);

internal sealed record StatsArguments;

internal sealed record ForgetArguments(
    [property: Description("The number memory_recall or memory_list shows before it.")] long ChunkId,
    [property: Description("Why: a person may want to know.")] string? Reason = null);

internal sealed record IngestArguments(
    [property: Description("An http(s) URL, or the path of a file or folder in the workspace.")] string Source,
    [property: Description("What kind of knowledge it is.")] string Domain = "general",
    [property: Description("Its title, where it has none of its own.")] string? Title = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RememberArguments))]
[JsonSerializable(typeof(RecallArguments))]
[JsonSerializable(typeof(ListArguments))]
[JsonSerializable(typeof(StatsArguments))]
[JsonSerializable(typeof(ForgetArguments))]
[JsonSerializable(typeof(IngestArguments))]
internal sealed partial class KnowledgeToolJson : JsonSerializerContext;
