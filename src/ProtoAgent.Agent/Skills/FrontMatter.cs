using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// The YAML that stands before a skill's text. Read event by event: no tree is built, and aliases are never resolved, so they
/// can't multiply.
/// </summary>
internal sealed class FrontMatter
{
    private const string Metadata = "metadata";
    private const int Longest = 64 * 1024;

    /// <summary>The parser's time grows with the square of the depth.</summary>
    private const int Deepest = 32;

    /// <summary>What is read, by AgentSkills and by us; all else is others' and is skipped.</summary>
    private static readonly HashSet<string> s_known =
        ["name", "description", "tools", "allowed_tools", "user_facing", "user_only", "slash", "metadata.tools", "metadata.author"];

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="yaml">What stands between the lines <c>---</c>.</param>
    /// <exception cref="SkillFormatException">It is no YAML, or no <c>key: value</c> lines.</exception>
    public static FrontMatter Read(string yaml)
    {
        if (yaml.Length > Longest)
        {
            throw new SkillFormatException(1, $"its front matter has {yaml.Length:N0} characters and may have at most {Longest:N0}. Is its last line '---' missing?");
        }

        var read = new FrontMatter();
        var parser = new Parser(new StringReader(yaml));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<DocumentStart>(out _))
            {
                if (!parser.TryConsume<MappingStart>(out _))
                {
                    throw new SkillFormatException(LineOf(parser.Current), "between the lines '---' there must be 'key: value' lines, at least a name and a description");
                }

                read.Take(parser, "");
            }

            return read;
        }
        catch (YamlException e)
        {
            var why = (e.InnerException ?? e).Message.TrimEnd('.');
            throw new SkillFormatException(
                (int)e.Start.Line + 1, $"not valid YAML: {why}{(why.Contains("mapping", StringComparison.OrdinalIgnoreCase) ? ". A value with ': ' in it must stand in quotes" : "")}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // The parser stumbles over some junk instead of naming it.
            throw new SkillFormatException(LineOf(parser.Current), $"not valid YAML: {e.Message}", e);
        }
    }

    /// <summary>Null if it is not there, or empty.</summary>
    public string? Text(string key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return null;
        }

        return entry.Items is null ? entry.Text : throw new SkillFormatException(entry.Line, $"'{key}' must be text, not a list");
    }

    /// <exception cref="SkillFormatException">It is neither yes nor no.</exception>
    public bool? Flag(string key) => Text(key)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw new SkillFormatException(LineOf(key), $"'{key}' must be true or false"),
    };

    /// <summary>A list, or text with its items separated by spaces or commas.</summary>
    public IReadOnlyList<string>? List(string key) =>
        !_entries.TryGetValue(key, out var entry) ? null
        : entry.Items ?? entry.Text?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Where it stands in the file; the first line if it doesn't.</summary>
    public int LineOf(string key) => _entries.TryGetValue(key, out var entry) ? entry.Line : 1;

    private void Take(Parser parser, string prefix)
    {
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
            {
                throw new SkillFormatException(LineOf(parser.Current), "a key must be plain text");
            }

            // AgentSkills writes allowed-tools, others user_facing: one spelling is as good as the other.
            var name = prefix + key.Value.Replace('-', '_');
            if (name == Metadata && parser.TryConsume<MappingStart>(out _))
            {
                Take(parser, Metadata + ".");
            }
            else if (s_known.Contains(name))
            {
                var entry = Value(parser, name, (int)key.Start.Line + 1);
                if (!_entries.TryAdd(name, entry))
                {
                    throw new SkillFormatException(entry.Line, $"'{name}' is there twice");
                }
            }
            else
            {
                Skip(parser);
            }
        }
    }

    private static void Skip(Parser parser)
    {
        var depth = 0;
        do
        {
            var skipped = parser.Consume<ParsingEvent>();
            depth += skipped.NestingIncrease;
            if (depth > Deepest)
            {
                throw new SkillFormatException(LineOf(skipped), "it is nested too deeply");
            }
        }
        while (depth > 0);
    }

    private static Entry Value(Parser parser, string name, int line)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new Entry(line, scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } ? null : scalar.Value, null);
        }

        if (!parser.TryConsume<SequenceStart>(out _))
        {
            throw new SkillFormatException(line, $"'{name}' must be text{(name.EndsWith("tools", StringComparison.Ordinal) ? " or a list" : "")}");
        }

        var items = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(parser.TryConsume<Scalar>(out var item) ? item.Value : throw new SkillFormatException(line, $"'{name}' must be a list of plain texts"));
        }

        return new Entry(line, null, items);
    }

    /// <summary>One behind the YAML's: above it stands the line '---'.</summary>
    private static int LineOf(ParsingEvent? at) => (int)(at?.Start.Line ?? 1) + 1;

    private sealed record Entry(int Line, string? Text, IReadOnlyList<string>? Items);
}
