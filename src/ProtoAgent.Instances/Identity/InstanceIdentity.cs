namespace ProtoAgent.Instances.Identity;

/// <summary>Which of the four sources gave the id. First hit wins, in this order.</summary>
public enum InstanceIdSource
{
    /// <summary><c>PROTOAGENT_INSTANCE</c>.</summary>
    Environment,

    /// <summary><c>instance_id</c> of the configuration file.</summary>
    Configuration,

    /// <summary>The working directory, with <c>PROTOAGENT_AUTO_SCOPE</c> on.</summary>
    AutoScope,

    /// <summary>No id: the plain paths.</summary>
    None,
}

/// <summary>Who this process is. Resolved once, before anything is opened, and passed down.</summary>
/// <param name="Id">Null when unscoped.</param>
/// <param name="Source">Which source gave the id.</param>
/// <param name="Origin">The source in words, for messages.</param>
/// <param name="AutoScopeDirectory">The real working directory the id was derived from; null unless auto-scoped.</param>
public sealed record InstanceIdentity(InstanceId? Id, InstanceIdSource Source, string Origin, string? AutoScopeDirectory = null)
{
    public bool IsScoped => Id is not null;

    /// <summary>The id as it is shown: an unscoped instance has none.</summary>
    public string Display => Id?.Value ?? "(unscoped)";

    /// <summary>The source as the API names it.</summary>
    public string SourceName => Source switch
    {
        InstanceIdSource.Environment => "env",
        InstanceIdSource.Configuration => "config",
        InstanceIdSource.AutoScope => "auto",
        _ => "none",
    };

    /// <param name="environmentId"><c>PROTOAGENT_INSTANCE</c> as it is; blank counts as unset.</param>
    /// <param name="configuredId"><c>instance_id</c> of the configuration file, null if the key is absent; blank is refused.</param>
    /// <param name="configuredOrigin">File and line of <paramref name="configuredId"/>.</param>
    /// <param name="autoScope"><c>PROTOAGENT_AUTO_SCOPE</c> is truthy.</param>
    /// <param name="workingDirectory">The working directory, used only to auto-scope.</param>
    /// <exception cref="InstanceRefusedException">The id breaks a rule. Nothing was written.</exception>
    public static InstanceIdentity Resolve(
        string? environmentId, string? configuredId, string? configuredOrigin, bool autoScope, string workingDirectory)
    {
        if (environmentId?.Trim() is { Length: > 0 } fromEnvironment)
        {
            const string FromEnvironment = "the environment variable PROTOAGENT_INSTANCE";
            return new InstanceIdentity(InstanceId.Parse(fromEnvironment, FromEnvironment), InstanceIdSource.Environment, FromEnvironment);
        }

        if (configuredId is not null)
        {
            var origin = configuredOrigin ?? "instance_id in the configuration file";
            return new InstanceIdentity(InstanceId.Parse(configuredId.Trim(), origin), InstanceIdSource.Configuration, origin);
        }

        return autoScope
            ? AutoScope.FromDirectory(workingDirectory)
            : new InstanceIdentity(null, InstanceIdSource.None, "no PROTOAGENT_INSTANCE, no instance_id, no PROTOAGENT_AUTO_SCOPE");
    }
}
