using ProtoAgent.Agent.Models;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Operator;

namespace ProtoAgent.Composition;

/// <summary>
/// The configuration of an instance that runs: written into its own files by the operator API. What is said of models takes effect with the
/// next turn; everything else with the next start, and a standing warning says so until then.
/// </summary>
internal sealed class LiveConfiguration(InstanceConfiguration started, ModelCatalog models, Action<IReadOnlyList<string>> secrets, TimeProvider time)
{
    private const string Models = "model";

    private readonly ConfigWriter _writer = new(started);

    /// <summary>As <see cref="ConfigDoor"/> takes it.</summary>
    public ConfigDoor Door => new(
        () => [.. _writer.Current.Entries.Select(Field)],
        Write,
        new ModelProbe(started.Settings.DetectPorts, time),
        Complete);

    /// <summary>What was written and is not in effect yet.</summary>
    public IEnumerable<StandingWarning> Warnings()
    {
        if (Pending(_writer.Current) is { Count: > 0 } keys)
        {
            yield return new StandingWarning(
                "restart_needed", $"{string.Join(", ", keys)} {(keys.Count == 1 ? "was" : "were")} changed in the configuration, and this process still goes by what it was started with.", "Restart the instance when it suits.");
        }
    }

    private static ConfigField Field(ConfigEntry e) => new(e.Key, e.Value, e.Layer.ToString().ToLowerInvariant(), e.Origin, e.Default, e.Doc, e.Secret);

    private ConfigWritten Write(IReadOnlyDictionary<string, ConfigValue?> values)
    {
        try
        {
            var written = _writer.Write(values.ToDictionary(v => v.Key, v => v.Value is { } value ? new ConfigWriter.NewValue(value.Text, value.Items) : null, StringComparer.Ordinal));

            // Known before it is used: the first turn with a new key may already write it down somewhere.
            secrets(ConfiguredSecrets.Of(written.Configuration.Settings));
            models.Replace(written.Configuration.Settings.Model);
            return new ConfigWritten(
                written.Keys, written.File, written.SecretsFile, [.. Pending(written.Configuration).Where(written.Keys.Contains)], [.. written.Overridden.Select(o => new ConfigOverridden(o.Key, o.By))], written.TakenOut);
        }
        catch (ConfigurationRefusedException e)
        {
            throw new ConfigRefusedException(e.Problems);
        }
        catch (InstanceRefusedException e)
        {
            throw new ConfigRefusedException([e.Message]);
        }
    }

    /// <summary>Settings whose value is another than at the start, but for those that are in effect. Of secrets the place they come from is what can be compared.</summary>
    private List<string> Pending(InstanceConfiguration now)
    {
        var was = started.Entries.ToDictionary(e => e.Key, StringComparer.Ordinal);
        return
        [
            .. now.Entries.Where(e => !IsLive(e.Key) && (was.GetValueOrDefault(e.Key) is not { } before || before.Value != e.Value || (e.Secret && before.Origin != e.Origin)))
                .Select(e => e.Key),
            // Vectors are made where the models are, unless they have a place of their own.
            .. now.Settings.Knowledge.Embeddings is { } vectors && started.Settings.Knowledge.Embeddings is { } old && (vectors.BaseUrl != old.BaseUrl || vectors.ApiKey != old.ApiKey)
                ? ["knowledge.embeddings"] : Array.Empty<string>(),
        ];
    }

    private static bool IsLive(string key) => key.StartsWith(Models + ".", StringComparison.Ordinal) || key.StartsWith("models.", StringComparison.Ordinal);

    /// <summary>What is not given is what is configured; a key goes only where it was configured for.</summary>
    private ModelOptions Complete(ModelGiven given)
    {
        var now = models.Options;
        var provider = given.Provider ?? now.Provider;
        var url = given.BaseUrl is { Length: > 0 } text ? new Uri(text) : given.Provider is null ? now.BaseUrl : null;
        var isSame = provider == now.Provider && url?.ToString() == now.BaseUrl?.ToString();
        return new ModelOptions
        {
            Provider = provider,
            BaseUrl = url,
            Name = given.Name is { Length: > 0 } name ? name : now.Name,
            ApiKey = given.ApiKey is { Length: > 0 } key ? key : isSame ? now.ApiKey : null,
        };
    }
}
