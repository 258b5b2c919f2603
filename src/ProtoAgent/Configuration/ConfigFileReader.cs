using System.Text;
using ProtoAgent.Instances.Identity;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Configuration;

/// <summary>One YAML file as dotted keys with their lines. Knows YAML and the key table, not the layers.</summary>
/// <param name="instead">What the file would hold, where it is not to be read itself.</param>
internal sealed class ConfigFileReader(string path, ConfigLayer layer, bool secrets, List<string> problems, string? instead = null)
{
    private const int LargestFile = 1 << 20;
    private const int DeepestNesting = 8;

    private readonly Dictionary<string, RawValue> _values = new(StringComparer.Ordinal);

    /// <summary>What the file sets. What is wrong with it goes into the list of problems.</summary>
    public IReadOnlyDictionary<string, RawValue> Read()
    {
        try
        {
            if ((instead?.Length ?? new FileInfo(path).Length) > LargestFile)
            {
                problems.Add($"{path} is larger than {LargestFile / 1024} KiB, which no configuration is.");
                return _values;
            }

            var text = instead ?? File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            RefuseDeepNesting(text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
            {
                problems.Add($"{path}, line {stream.Documents[1].RootNode.Start.Line}: a second document begins. A configuration is one.");
            }
            else if (stream.Documents is [{ RootNode: var root }] && !IsNothing(root))
            {
                Walk(root, "", 0);
            }
        }
        catch (YamlException e)
        {
            problems.Add($"{path}, line {e.Start.Line}, column {e.Start.Column}: not valid YAML: {(e.InnerException ?? e).Message}");
        }
        catch (DecoderFallbackException)
        {
            problems.Add($"{path} is not UTF-8 text.");
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The parser stumbles over some junk instead of naming it.
            problems.Add($"{path}: not valid YAML: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{path} can't be read: {e.Message}");
        }

        return _values;
    }

    /// <summary>The tree is built recursively: nesting without end would take the stack, and the process with it.</summary>
    private static void RefuseDeepNesting(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            for (var depth = 0; parser.MoveNext(); depth += parser.Current!.NestingIncrease)
            {
                if (depth > 4 * DeepestNesting)
                {
                    throw new YamlException(parser.Current!.Start, parser.Current.End, "it is nested too deeply");
                }
            }
        }
        catch (Exception e) when (e is not YamlException)
        {
            // The parser lets some of its own guards through as they are, such as a malformed tag's ArgumentException.
            throw new YamlException(parser.Current?.Start ?? Mark.Empty, parser.Current?.End ?? Mark.Empty, e.Message, e);
        }
    }

    private void Walk(YamlNode node, string prefix, int depth)
    {
        if (node is not YamlMappingNode mapping)
        {
            problems.Add(prefix.Length == 0
                ? $"{At(node)}: the file must hold settings (key: value)."
                : $"{At(node)}: '{prefix}' is a group of settings and must hold some (key: value).");
            return;
        }

        foreach (var (keyNode, value) in mapping.Children)
        {
            if (keyNode is not YamlScalarNode { Value: { } key } || depth > DeepestNesting)
            {
                problems.Add($"{At(keyNode)}: a setting's name must be plain text.");
                continue;
            }

            // Both 'server: {port: 1}' and 'server.port: 1' are read.
            var name = prefix.Length == 0 ? key : $"{prefix}.{key}";
            if (ConfigKeys.Find(name) is { } known)
            {
                Take(known, keyNode, value);
            }
            else if (ConfigKeys.IsGroup(name))
            {
                if (!IsNothing(value))
                {
                    Walk(value, name, depth + 1);
                }
            }
            else
            {
                problems.Add($"{At(keyNode)}: unknown setting '{NameRules.Show(name)}'.{NearestName.Hint(name, Candidates())}");
            }
        }
    }

    private void Take(ConfigKey key, YamlNode keyNode, YamlNode value)
    {
        if (secrets && !key.Secret)
        {
            problems.Add($"{At(keyNode)}: '{key.Name}' is no secret. Set it in config.yaml; secrets.yaml holds only {string.Join(", ", ConfigKeys.All.Where(k => k.Secret).Select(k => k.Name))}.");
        }
        else if (!secrets && key.Secret && !key.AnyFile)
        {
            problems.Add($"{At(keyNode)}: '{key.Name}' is a secret and may not stand in this file. Move it to secrets.yaml (mode 0600) beside it, or set {Variable(key)}.");
        }
        else if (key.UserFileOnly && layer is ConfigLayer.Box or ConfigLayer.Instance)
        {
            problems.Add(
                $"{At(keyNode)}: '{key.Name}' may not stand here: every instance that reads this file would be the same one. "
                + "Set it in the file one instance is started with (--config), or set PROTOAGENT_INSTANCE.");
        }
        else if (_values.ContainsKey(key.Name))
        {
            problems.Add($"{At(keyNode)}: '{key.Name}' is set twice in this file.");
        }
        else if (Raw(key, value) is { } raw)
        {
            _values.Add(key.Name, raw);
        }
    }

    private RawValue? Raw(ConfigKey key, YamlNode value)
    {
        switch (value)
        {
            case YamlScalarNode scalar:
                return new RawValue(IsNothing(scalar) ? null : scalar.Value, null, layer, At(value));
            case YamlSequenceNode list when key.Type == ConfigType.List && list.Children.All(c => c is YamlScalarNode { Value.Length: > 0 }):
                return new RawValue(null, [.. list.Children.Select(c => ((YamlScalarNode)c).Value!)], layer, At(value));
            default:
                problems.Add($"{At(value)}: '{key.Name}' must be {ConfigValues.Describe(key)}.");
                return null;
        }
    }

    private IEnumerable<string> Candidates() => ConfigKeys.All.Where(k => k.Secret == secrets || k.AnyFile).Select(k => k.Name);

    private string At(YamlNode node) => $"{path}, line {node.Start.Line}";

    private static string Variable(ConfigKey key) => key.Variables.Count > 0 ? key.Variables[0] : key.GenericVariable;

    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };
}
