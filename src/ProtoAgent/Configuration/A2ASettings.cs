using ProtoAgent.Protocols.A2A;

namespace ProtoAgent.Configuration;

/// <summary>How this agent serves its peers, out of the settings.</summary>
internal static class A2ASettings
{
    private const string Provider = "a2a.provider_name";
    private const string ProviderUrl = "a2a.provider_url";

    /// <summary>What single values can't show.</summary>
    public static void Refuse(Layers layers)
    {
        if (layers.Text(Provider) is null != layers.Text(ProviderUrl) is null)
        {
            var (there, missing) = layers.Text(Provider) is null ? (ProviderUrl, Provider) : (Provider, ProviderUrl);
            layers.Problems.Add($"{layers[there]!.Origin}: '{there}' is set and '{missing}' is not. A card names both, or neither.");
        }
    }

    public static A2AOptions Of(Layers layers) => new()
    {
        MaxActiveTasks = (int)layers.Number("a2a.max_active_tasks"),
        MaxMessageBytes = layers.Number("a2a.max_message_bytes"),
        TaskRetention = layers.Number("a2a.task_retention_days") is > 0 and var days ? TimeSpan.FromDays(days) : null,
        Pushes = ConfigValues.Boolean(layers.Text("a2a.push")!) == true,
        FederationApproves = ConfigValues.Boolean(layers.Text("a2a.federation_approves")!) == true,
        Description = layers.Text("a2a.description"),
        ProviderName = layers.Text(Provider),
        ProviderUrl = layers.Text(ProviderUrl),
        IconUrl = layers.Text("a2a.icon_url"),
        DocumentationUrl = layers.Text("a2a.documentation_url"),
    };
}
