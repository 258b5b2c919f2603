using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary>Skills that can't be used. A start does without them, so none of this fails.</summary>
internal static class DoctorSkills
{
    private const int MostShown = 10;

    public static IEnumerable<Finding> Examine(InstanceConfiguration configuration)
    {
        var paths = configuration.Paths;
        var catalog = new SkillCatalog(
            paths.Skills, paths.CommonsSkills, configuration.Settings.Agent.Skills.Scope, index: null, TimeProvider.System, NullLogger<SkillCatalog>.Instance);
        var set = catalog.CurrentAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        catalog.DisposeAsync().AsTask().GetAwaiter().GetResult();
        foreach (var problem in set.Problems.Take(MostShown))
        {
            yield return new Finding("skills", FindingStatus.Warn, problem.ToString(), set.Problems.Count > MostShown ? "'protoagent skills check' names them all." : null);
        }

        if (set.Problems.Count == 0)
        {
            yield return Finding.Ok("skills", $"{set.Skills.Count}, each can be used");
        }
    }
}
