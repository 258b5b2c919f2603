using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Configuration;

/// <summary>Who this instance is, where its data lies and how it is set up: read once, before anything is opened. Writes nothing.</summary>
public sealed class InstanceConfiguration
{
    private const string Masked = "********";

    /// <summary>Variables that say something of the machine and its user, and nothing of this instance.</summary>
    private static readonly string[] s_ofTheMachine =
        ["HOME", "PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME", "SSL_CERT_FILE", "SSL_CERT_DIR", "DOTNET_ROOT", "DOTNET_EnableDiagnostics"];

    private InstanceConfiguration(InstancePaths paths, Settings settings, Layers layers, List<StandingWarning> warnings, ConfigSources sources)
    {
        SearchPath = sources.Variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        Language = sources.Variable("LANG") ?? "C.UTF-8";
        MemberEnvironment = s_ofTheMachine.Where(sources.Environment.ContainsKey).ToDictionary(n => n, n => sources.Environment[n], StringComparer.Ordinal);
        Paths = paths;
        Settings = settings;
        Files = layers.Files;
        Entries = [.. layers.Keys.Select(k => Explain(k, layers, paths.Identity))];
        Warnings = warnings;
        Sources = sources;
    }

    /// <summary>All it was made of besides its files.</summary>
    internal ConfigSources Sources { get; }

    public InstanceIdentity Identity => Paths.Identity;

    public InstancePaths Paths { get; }

    /// <summary><c>PATH</c> of this process: where programs started for the agent are looked for.</summary>
    public string SearchPath { get; }

    /// <summary><c>LANG</c> of this process.</summary>
    public string Language { get; }

    /// <summary>What an instance that this one starts gets of this one's environment.</summary>
    public IReadOnlyDictionary<string, string> MemberEnvironment { get; }

    public Settings Settings { get; }

    /// <summary>Every setting and where its value came from; secrets masked.</summary>
    public IReadOnlyList<ConfigEntry> Entries { get; }

    /// <summary>Every file that was looked for, in the order of the layers.</summary>
    public IReadOnlyList<ConfigFile> Files { get; }

    public IReadOnlyList<StandingWarning> Warnings { get; }

    /// <exception cref="ConfigurationRefusedException">A file, a variable or a flag is wrong; all that is wrong is said at once.</exception>
    /// <exception cref="InstanceRefusedException">The id or the agent's name is refused, or there is no data home.</exception>
    public static InstanceConfiguration Load(ConfigSources sources)
    {
        var layers = new Layers(sources);
        var home = sources.DataHome();
        var box = Path.Combine(home.Path, "config.yaml");
        var userFile = layers.UserFile();
        var userLayer = userFile is not null && Layers.Same(userFile, box) ? ConfigLayer.Box : ConfigLayer.File;
        var user = userFile is null ? null : layers.Read(userFile, userLayer);
        RefuseIfAny(layers);

        var id = user?.GetValueOrDefault(ConfigKeys.InstanceId);
        var identity = InstanceIdentity.Resolve(
            sources.Variable("PROTOAGENT_INSTANCE"), id is null ? null : id.Text ?? "", id is null ? null : $"instance_id in {id.Origin}", sources.AutoScope, sources.WorkingDirectory);

        // The root alone is needed to find the instance's files; its stores are placed when the overrides are known.
        var root = identity.Id is { } scoped ? Path.Combine(home.Path, scoped.Value) : home.Path;
        var own = Path.Combine(root, "config.yaml");
        layers.LayFile(box, ConfigLayer.Box);
        layers.LaySecrets(Path.Combine(home.Path, "secrets.yaml"), ConfigLayer.Box);
        if (identity.IsScoped)
        {
            layers.LayFile(own, ConfigLayer.Instance);
            layers.LaySecrets(Path.Combine(root, "secrets.yaml"), ConfigLayer.Instance);
        }

        if (userFile is not null && userLayer == ConfigLayer.File && !Layers.Same(userFile, own))
        {
            layers.LayRead(userFile, ConfigLayer.File, user!);
        }

        var warnings = new List<StandingWarning>();
        layers.LayEnvironment(warnings);
        layers.LayFlags();
        var settings = new SettingsBuilder(layers).Build();
        RefuseIfAny(layers);

        warnings.AddRange(OpenDoor.Warnings(settings!));
        var name = layers["agent_name"];
        var agent = AgentName.Parse(name?.Text?.Trim() ?? AgentName.Default, name?.Origin ?? "the default");
        var overrides = new PathOverrides(
            Override(layers, "knowledge.db_path"), Override(layers, "scheduler.db_dir"), Override(layers, "memory.path"));
        return new InstanceConfiguration(InstancePaths.Resolve(identity, agent, home, overrides), settings!, layers, warnings, sources);
    }

    private static void RefuseIfAny(Layers layers)
    {
        if (layers.Problems.Count > 0)
        {
            throw new ConfigurationRefusedException(layers.Problems);
        }
    }

    private static PathOverride? Override(Layers layers, string key)
    {
        if (layers[key] is not { Text: { } text } raw)
        {
            return null;
        }

        return new PathOverride(layers.FullPath(text), $"{key} ({raw.Origin})");
    }

    private static ConfigEntry Explain(ConfigKey key, Layers layers, InstanceIdentity identity)
    {
        if (key.Name == ConfigKeys.InstanceId)
        {
            var layer = identity.Source switch
            {
                InstanceIdSource.Environment or InstanceIdSource.AutoScope => ConfigLayer.Environment,
                InstanceIdSource.Configuration => ConfigLayer.File,
                _ => ConfigLayer.Default,
            };
            return new ConfigEntry(key.Name, identity.Id?.Value, layer, identity.Origin, null, key.Doc, Secret: false);
        }

        if (layers[key.Name] is { IsNull: false } raw)
        {
            var shown = key.Secret ? Masked : raw.Items is { } items ? string.Join(", ", items) : raw.Text;
            return new ConfigEntry(key.Name, shown, raw.Layer, raw.Origin, key.Default, key.Doc, key.Secret);
        }

        var (value, origin) = key.Name == "model.provider" ? ModelSettingsBuilder.DefaultProvider(layers) : (key.Default, "default");
        return new ConfigEntry(key.Name, value, ConfigLayer.Default, origin, key.Default, key.Doc, key.Secret);
    }
}
