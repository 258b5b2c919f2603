using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Protocols.Operator;

/// <param name="Source"><c>own</c>, <c>commons</c> or <c>bundled</c>.</param>
/// <param name="File">Where its <c>SKILL.md</c> lies.</param>
/// <param name="Tools">Those it works with, as it says.</param>
/// <param name="UserFacing">It has a slash command.</param>
/// <param name="UserOnly">The agent is not told of it.</param>
/// <param name="Slash">Without the slash; null for none.</param>
/// <param name="Author"><c>agent</c> if it was saved by it; null if not.</param>
internal sealed record SkillItem(
    string Name,
    string Description,
    string Source,
    string File,
    IReadOnlyList<string> Tools,
    bool UserFacing,
    bool UserOnly,
    string? Slash,
    string? Author,
    DateTimeOffset? LastUsed);

/// <param name="Scope"><c>scoped</c>, <c>shared</c> or <c>layered</c>.</param>
/// <param name="Problems">What keeps others from being used.</param>
internal sealed record SkillList(IReadOnlyList<SkillItem> Items, string? Next, string Scope, IReadOnlyList<SkillProblemItem> Problems);

internal sealed record SkillProblemItem(string Path, int? Line, string Message);

/// <param name="Text">The <c>SKILL.md</c>, whole.</param>
/// <param name="Files">Beside it, at most 200.</param>
/// <param name="FileCount">How many there are.</param>
internal sealed record WholeSkill(SkillItem Skill, string Text, IReadOnlyList<string> Files, int FileCount);

internal sealed record PutRequest(string? Text);

internal sealed record PromoteRequest(bool? Replace);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(SkillList))]
[JsonSerializable(typeof(SkillItem))]
[JsonSerializable(typeof(WholeSkill))]
[JsonSerializable(typeof(PutRequest))]
[JsonSerializable(typeof(PromoteRequest))]
internal sealed partial class SkillJson : JsonSerializerContext;
