using System.Text.Json.Serialization;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Skills;

/// <summary>The tools that work with skills.</summary>
public static class SkillTools
{
    /// <param name="catalog">Asked late: the tools are part of it.</param>
    public static IReadOnlyList<Tool> For(SkillCatalog skills, SkillFiles files, Func<ToolCatalog> catalog) =>
        [new LoadSkillTool(skills, () => catalog().Offered()), new ListSkillsTool(skills), new SaveSkillTool(files)];

    /// <summary>Whether the model can read a skill: else it is not told of any.</summary>
    public static bool CanLoad(ToolOptions options) => !ToolOptions.Matches(options.Disable, LoadSkillTool.ToolName);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(LoadSkillTool.Arguments), TypeInfoPropertyName = "LoadSkill")]
[JsonSerializable(typeof(ListSkillsTool.Arguments), TypeInfoPropertyName = "ListSkills")]
[JsonSerializable(typeof(SaveSkillTool.Arguments), TypeInfoPropertyName = "SaveSkill")]
internal sealed partial class SkillToolJson : JsonSerializerContext;
