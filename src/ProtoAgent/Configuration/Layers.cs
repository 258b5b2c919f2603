using System.Globalization;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Configuration;

/// <summary>The layers laid over each other: defaults, box, instance, file, environment, flags. Reads files; decides nothing else.</summary>
internal sealed class Layers(ConfigSources sources)
{
    private const UnixFileMode NotOwner =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly Dictionary<string, RawValue> _values = new(StringComparer.Ordinal);
    private readonly List<ConfigFile> _files = [];

    public List<string> Problems { get; } = [];

    public IReadOnlyList<ConfigFile> Files => _files;

    public RawValue? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A variable of the environment; null if unset or blank.</summary>
    public string? Variable(string name) => sources.Variable(name);

    /// <summary>The value or the default, trimmed.</summary>
    public string? Text(string key) => this[key]?.Text?.Trim() ?? ConfigKeys.Find(key)!.Default;

    /// <summary>Whether the setting's value is that variable's.</summary>
    public bool IsFrom(string key, string variable) => this[key]?.Origin == Origin(variable);

    /// <summary>A path as a setting has it, from the working directory; <c>~</c> is the user's home.</summary>
    public string FullPath(string path) =>
        Path.GetFullPath(path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? sources.UserHome + path[1..] : path, sources.WorkingDirectory);

    /// <summary>Of a setting that is set or has a default.</summary>
    public long Number(string key) => long.Parse(Text(key)!, CultureInfo.InvariantCulture);

    public IReadOnlyList<string> List(string key) => this[key] is { IsNull: false } raw ? ConfigValues.List(raw) : [];

    /// <summary>Every setting, those of a pattern as far as they are set.</summary>
    public IEnumerable<ConfigKey> Keys =>
        ConfigKeys.All.SelectMany(k => k.IsPattern ? _values.Keys.Select(n => ConfigKeys.Find(n)!).Where(f => f.Doc == k.Doc).OrderBy(f => f.Name, StringComparer.Ordinal) : Enumerable.Repeat(k, 1));

    /// <summary>The names in use directly below a group: of <c>mcp.servers</c>, the servers'.</summary>
    public IReadOnlyList<string> Names(string group) =>
        [.. _values.Keys.Where(k => k.StartsWith(group + ".", StringComparison.Ordinal) && k.Count(c => c == '.') > group.Count(c => c == '.') + 1).Select(k => k[(group.Length + 1)..].Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The file this instance is started with: <c>--config</c>, <c>PROTOAGENT_CONFIG</c>, or <c>./config.yaml</c> if it is there.</summary>
    public string? UserFile()
    {
        var (given, from) = sources.ConfigFile is { } flag ? (flag, "--config") : (sources.Variable("PROTOAGENT_CONFIG"), "PROTOAGENT_CONFIG");
        if (given is null)
        {
            var here = Path.Combine(sources.WorkingDirectory, "config.yaml");
            return File.Exists(here) ? here : null;
        }

        var path = Path.GetFullPath(given, sources.WorkingDirectory);
        if (File.Exists(path))
        {
            return path;
        }

        Problems.Add($"{path}, given by {from}, does not exist.");
        return null;
    }

    /// <summary>Reads one file without laying it down: who the instance is must be known before the other files are.</summary>
    public IReadOnlyDictionary<string, RawValue> Read(string path, ConfigLayer layer) => new ConfigFileReader(path, layer, secrets: false, Problems, sources.Texts.GetValueOrDefault(path)).Read();

    public void LayFile(string path, ConfigLayer layer)
    {
        var there = sources.Texts.ContainsKey(path) || File.Exists(path);
        _files.Add(new ConfigFile(path, layer, there));
        if (there)
        {
            Lay(Read(path, layer));
        }
    }

    public void LayRead(string path, ConfigLayer layer, IReadOnlyDictionary<string, RawValue> values)
    {
        _files.Add(new ConfigFile(path, layer, Read: true));
        Lay(values);
    }

    public void LaySecrets(string path, ConfigLayer layer)
    {
        var instead = sources.Texts.GetValueOrDefault(path);
        var there = instead is not null || File.Exists(path);
        _files.Add(new ConfigFile(path, layer, there));
        if (!there)
        {
            return;
        }

        if (File.Exists(path) && (File.GetUnixFileMode(path) & NotOwner) != UnixFileMode.None)
        {
            Problems.Add($"{path} can be reached by other users of this machine, and holds secrets. Run: chmod 600 '{path}'");
            return;
        }

        Lay(new ConfigFileReader(path, layer, secrets: true, Problems, instead).Read());
    }

    public void LayEnvironment(List<StandingWarning> warnings)
    {
        var known = ConfigKeys.Bootstrap.ToHashSet(StringComparer.Ordinal);
        foreach (var key in ConfigKeys.All.Where(k => !k.IsPattern))
        {
            string[] names = [.. key.Variables, key.GenericVariable];
            known.UnionWith(names);

            // The id's own variable is read with the identity; a generic spelling of it would be a second way in.
            if (key.Name != ConfigKeys.InstanceId && Array.Find(names, n => sources.Variable(n) is not null) is { } name)
            {
                _values[key.Name] = new RawValue(sources.Variable(name), null, ConfigLayer.Environment, Origin(name));
            }
        }

        foreach (var name in sources.Environment.Keys.Where(n => n.StartsWith("PROTOAGENT_", StringComparison.Ordinal) && !known.Contains(n)).Order(StringComparer.Ordinal))
        {
            var hint = NearestName.Hint(name, known);
            if (ConfigKeys.OfVariable(name) is { } key)
            {
                if (sources.Variable(name) is { } text)
                {
                    _values[AsWritten(key.Name)] = new RawValue(text, null, ConfigLayer.Environment, Origin(name));
                }
            }
            else if (name.Contains("__", StringComparison.Ordinal))
            {
                Problems.Add($"the environment variable {name} names no setting.{hint}");
            }
            else
            {
                warnings.Add(new StandingWarning(
                    "unknown_environment", $"the environment variable {name} is not one ProtoAgent knows, and changes nothing.{hint}", "Correct its name, or unset it."));
            }
        }
    }

    public void LayFlags()
    {
        foreach (var (key, text) in sources.Flags)
        {
            _values[key] = new RawValue(text, null, ConfigLayer.Flag, $"--{key[(key.LastIndexOf('.') + 1)..]}");
        }
    }

    /// <summary>Where a value of that variable says it comes from.</summary>
    public static string Origin(string variable) => $"the environment variable {variable}";

    /// <summary>Whether two paths name one file: a working directory can be the data home.</summary>
    public static bool Same(string a, string b) => File.Exists(a) && File.Exists(b) && PathIdentity.Same(a, b);

    /// <summary>A variable can't tell Fast from fast: it means the group that a file has already begun.</summary>
    private string AsWritten(string key)
    {
        var group = key[..(key.LastIndexOf('.') + 1)];
        return _values.Keys.FirstOrDefault(k => k.StartsWith(group, StringComparison.OrdinalIgnoreCase)) is { } written ? written[..group.Length] + key[group.Length..] : key;
    }

    private void Lay(IReadOnlyDictionary<string, RawValue> values)
    {
        foreach (var (key, value) in values)
        {
            _values[key] = value;
        }
    }
}
