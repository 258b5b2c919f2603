using System.Text;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Configuration;

/// <summary>
/// Writes settings into the instance's own files: <c>config.yaml</c>, and secrets into <c>secrets.yaml</c> beside it. Everything is read as the
/// next start would read it before anything is replaced, so a change that would be refused then is refused now, and nothing of a file is lost.
/// </summary>
internal sealed class ConfigWriter(InstanceConfiguration started)
{
    /// <summary>They decide who the instance is or where its data lies; what runs can't be moved.</summary>
    private static readonly string[] s_fixed = [ConfigKeys.InstanceId, "knowledge.db_path", "scheduler.db_dir", "memory.path"];

    private readonly Lock _one = new();

    /// <summary>As the files are now: what the next start goes by.</summary>
    public InstanceConfiguration Current { get; private set; } = started;

    /// <param name="values">By key; null takes the setting out of the file.</param>
    /// <exception cref="ConfigurationRefusedException">Something is wrong; all that is wrong is said at once, and nothing was written.</exception>
    public Written Write(IReadOnlyDictionary<string, NewValue?> values)
    {
        lock (_one)
        {
            Refuse([.. values.Select(v => Problem(v.Key, v.Value)).OfType<string>()]);
            var (file, secrets) = (Current.Paths.ConfigFile, Current.Paths.SecretsFile);
            var before = new Dictionary<string, string?>(StringComparer.Ordinal) { [file] = Text(file), [secrets] = Text(secrets) };
            var was = AsItIs();
            string[] given = [.. values.Where(v => ConfigKeys.Find(v.Key)!.Secret && v.Value?.Text is not null).Select(v => v.Value!.Text!.Trim())];
            var (changed, next) = Prepared(values, before);
            var takenOut = MovedKeys.Find(was, next, given).Where(IsOwn).Select(m => m.Key).ToList();
            if (takenOut.Count > 0)
            {
                (changed, next) = Prepared(values.Concat(takenOut.Select(k => KeyValuePair.Create(k, (NewValue?)null))).ToDictionary(StringComparer.Ordinal), before);
            }

            Refuse([.. MovedKeys.Find(was, next, given).Select(m => m.Problem)]);
            foreach (var (path, text) in changed)
            {
                Store(path, before[path], text);
            }

            Current = InstanceConfiguration.Load(Current.Sources);
            return new Written([.. values.Keys], file, secrets, [.. values.Keys.Select(Overridden).OfType<Override>()], takenOut, Current);
        }
    }

    /// <summary>The files that change, and all as the next start would read it then.</summary>
    private (Dictionary<string, string> Changed, InstanceConfiguration Next) Prepared(IReadOnlyDictionary<string, NewValue?> values, Dictionary<string, string?> before)
    {
        var (file, secrets) = (Current.Paths.ConfigFile, Current.Paths.SecretsFile);
        var after = before.ToDictionary(f => f.Key, f => f.Value ?? "", StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            var into = ConfigKeys.Find(key) is { Secret: true } ? secrets : file;
            after[into] = Edited(after[into], key, value, into);
        }

        var changed = after.Where(f => f.Value != (before[f.Key] ?? "")).ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        Refuse([.. changed.SelectMany(f => Misread(values, f.Key, before[f.Key], f.Value))]);
        return (changed, InstanceConfiguration.Load(Current.Sources with { Texts = changed }));
    }

    /// <summary>With what was edited by hand since; as it was read last where that can't be read, as this change may mend it.</summary>
    private InstanceConfiguration AsItIs()
    {
        try
        {
            return InstanceConfiguration.Load(Current.Sources);
        }
        catch (Exception e) when (e is ConfigurationRefusedException or InstanceRefusedException)
        {
            return Current;
        }
    }

    /// <summary>Whether it stands where this can take it out.</summary>
    private bool IsOwn(MovedKey key) =>
        key.Layer == (Current.Identity.IsScoped ? ConfigLayer.Instance : ConfigLayer.Box) && ConfigKeys.All.Any(k => k.Name == key.Key);

    private static string? Problem(string key, NewValue? value)
    {
        if (Array.Exists(s_fixed, f => f == key))
        {
            return $"'{key}' decides who this instance is or where its data lies, and can't be changed while it runs. Start the instance with another value.";
        }

        if (ConfigKeys.Find(key) is not { IsPattern: false } known)
        {
            return $"unknown setting '{key}'.{NearestName.Hint(key, ConfigKeys.All.Select(k => k.Name))}";
        }

        return value is null ? null
            : value.Items is not null && known.Type != ConfigType.List ? $"'{key}' must be {ConfigValues.Describe(known)}."
            : ConfigValues.Problem(known, new RawValue(value.Text, value.Items, ConfigLayer.Instance, "the new value"));
    }

    private static string Edited(string text, string key, NewValue? value, string path)
    {
        try
        {
            return value is null ? ConfigFileEditor.Remove(text, key)
                : value.Items is null && ConfigKeys.Find(key)!.Type == ConfigType.List
                    ? ConfigFileEditor.Set(text, key, null, ConfigValues.List(new RawValue(value.Text, null, ConfigLayer.Instance, "")))
                    : ConfigFileEditor.Set(text, key, value.Text, value.Items);
        }
        catch (Exception e) when (e is YamlDotNet.Core.YamlException or ArgumentException or InvalidOperationException)
        {
            throw new ConfigurationRefusedException([$"{path} can't be read as it is, so nothing was changed in it: {e.Message}"]);
        }
    }

    /// <summary>What a file would say now must be what it said, but for what was to change: looked at by itself, as other layers may hide it.</summary>
    private IEnumerable<string> Misread(IReadOnlyDictionary<string, NewValue?> values, string path, string? before, string after)
    {
        var (was, now) = (Read(path, before ?? ""), Read(path, after));
        foreach (var key in was.Keys.Union(now.Keys).Where(k => !values.ContainsKey(k) && was.GetValueOrDefault(k) != now.GetValueOrDefault(k)))
        {
            yield return $"'{key}' would have changed with it: {path} is written in a way that can't be edited here. Edit it by hand.";
        }

        var holds = path == Current.Paths.SecretsFile;
        foreach (var (key, value) in values.Where(v => ConfigKeys.Find(v.Key)!.Secret == holds))
        {
            var wanted = value is null ? null : Said(value.Text, value.Items ?? (ConfigKeys.Find(key)!.Type == ConfigType.List ? ConfigValues.List(new RawValue(value.Text, null, ConfigLayer.Instance, "")) : null));
            if (now.GetValueOrDefault(key) != wanted)
            {
                yield return $"'{key}' would be read otherwise than it was given. Edit {path} by hand.";
            }
        }
    }

    /// <summary>What is set there, by key, in one way of writing; what is set to nothing is not set.</summary>
    private Dictionary<string, string> Read(string path, string text)
    {
        var problems = new List<string>();
        var layer = Current.Identity.IsScoped ? ConfigLayer.Instance : ConfigLayer.Box;
        var values = new ConfigFileReader(path, layer, secrets: path == Current.Paths.SecretsFile, problems, text).Read();
        Refuse(problems);
        return values.Where(v => !v.Value.IsNull).ToDictionary(v => v.Key, v => Said(v.Value.Text, v.Value.Items), StringComparer.Ordinal);
    }

    private static string Said(string? text, IReadOnlyList<string>? items) => items is null ? text! : string.Join('\n', items);

    private static void Store(string path, string? before, string text)
    {
        if (Text(path) != before)
        {
            throw new ConfigurationRefusedException([$"{path} was changed by somebody else meanwhile. Look at it, and try again."]);
        }

        AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A layer above the file says something else.</summary>
    private Override? Overridden(string key) =>
        Current.Entries.FirstOrDefault(e => e.Key == key) is { Layer: ConfigLayer.File or ConfigLayer.Environment or ConfigLayer.Flag } entry ? new Override(key, entry.Origin) : null;

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path) : null;

    private static void Refuse(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new ConfigurationRefusedException(problems);
        }
    }

    /// <param name="Items">Of a list; else <paramref name="Text"/> is the value.</param>
    internal sealed record NewValue(string? Text, IReadOnlyList<string>? Items)
    {
        /// <summary>Never the value: it may be a secret.</summary>
        public override string ToString() => nameof(NewValue);
    }

    /// <param name="By">The layer that wins, in words.</param>
    internal sealed record Override(string Key, string By);

    /// <param name="TakenOut">Keys of servers that are not asked any more: <see cref="MovedKeys"/>.</param>
    internal sealed record Written(
        IReadOnlyList<string> Keys, string File, string SecretsFile, IReadOnlyList<Override> Overridden, IReadOnlyList<string> TakenOut, InstanceConfiguration Configuration);
}
