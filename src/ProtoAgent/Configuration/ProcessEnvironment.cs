using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ProtoAgent.Configuration;

/// <summary>The one place where the program reads its environment.</summary>
internal static class ProcessEnvironment
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "This is where the ban sends everybody: one snapshot, then values.")]
    public static ConfigSources Sources(string? configFile, IReadOnlyDictionary<string, string> flags)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return new ConfigSources(
            environment, Environment.CurrentDirectory, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), configFile, flags);
    }
}
