using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ProtoAgent.Configuration;

/// <summary>
/// Sets and takes out settings in the text of a file, and leaves the rest of it as a person wrote it, comments and all. Where each stands
/// is the parser's word; whoever writes the outcome reads it again first (<see cref="ConfigWriter"/>), so what is written here in a way
/// that was not foreseen is refused and not stored.
/// </summary>
internal static class ConfigFileEditor
{
    /// <param name="items">Of a list; then <paramref name="text"/> is null.</param>
    public static string Set(string file, string key, string? text, IReadOnlyList<string>? items)
    {
        var value = items is null ? Scalar(text!) : $"[{string.Join(", ", items.Select(Scalar))}]";
        var root = Root(file);
        if (root is not null && Find(root, key) is { } found)
        {
            var (from, to) = Span(file, found.Value);
            var gap = from > 0 && file[from - 1] == ':' ? " " : "";
            return string.Concat(file.AsSpan(0, from), gap, value, file.AsSpan(to));
        }

        var newLine = file.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        if (root is not null && Group(root, key) is var (group, rest))
        {
            var first = group.Children.First().Key;
            return group.Style == MappingStyle.Flow
                ? file.Insert(Index(first.Start), $"{rest}: {value}, ")
                : file.Insert(Index(first.Start), $"{rest}: {value}{newLine}{new string(' ', (int)first.Start.Column - 1)}");
        }

        var end = file.Length > 0 && file[^1] != '\n' ? newLine : "";
        return key.Split('.') is [var one, var two] && !IsNamed(root, one)
            ? $"{file}{end}{one}:{newLine}  {two}: {value}{newLine}"
            : $"{file}{end}{key}: {value}{newLine}";
    }

    /// <summary>As if it had never been set there.</summary>
    public static string Remove(string file, string key)
    {
        if (Root(file) is not { } root || Find(root, key) is not { } found)
        {
            return file;
        }

        var (from, to) = Span(file, found.Value);
        if (found.Mapping.Style == MappingStyle.Flow)
        {
            return string.Concat(file.AsSpan(0, from), "null", file.AsSpan(to));
        }

        // Its whole lines; a comment behind the value is about the value.
        var start = file.LastIndexOf('\n', Math.Max(0, Index(found.Key.Start) - 1)) + 1;
        var next = file.IndexOf('\n', Math.Max(to - 1, 0));
        return string.Concat(file.AsSpan(0, start), file.AsSpan(next < 0 ? file.Length : next + 1));
    }

    private static YamlMappingNode? Root(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(file));
        return stream.Documents is [{ RootNode: YamlMappingNode { Children.Count: > 0 } mapping }] ? mapping : null;
    }

    /// <summary>The setting's key and value, however it is spelled: <c>a: {b: 1}</c> and <c>a.b: 1</c> are one.</summary>
    private static Place? Find(YamlMappingNode mapping, string key)
    {
        foreach (var (name, value) in mapping.Children)
        {
            if (name is not YamlScalarNode { Value: { } written })
            {
                continue;
            }

            if (written == key)
            {
                return new Place(mapping, name, value);
            }

            if (key.StartsWith(written + ".", StringComparison.Ordinal) && value is YamlMappingNode inner && Find(inner, key[(written.Length + 1)..]) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The innermost group that holds something already, and what the setting is called in it.</summary>
    private static (YamlMappingNode Group, string Leaf)? Group(YamlMappingNode mapping, string key)
    {
        foreach (var (name, value) in mapping.Children)
        {
            if (name is YamlScalarNode { Value: { } written } && key.StartsWith(written + ".", StringComparison.Ordinal) && value is YamlMappingNode { Children.Count: > 0 } inner)
            {
                var rest = key[(written.Length + 1)..];
                return Group(inner, rest) ?? (inner, rest);
            }
        }

        return null;
    }

    private static bool IsNamed(YamlMappingNode? root, string name) => root?.Children.Keys.Any(k => k is YamlScalarNode scalar && scalar.Value == name) == true;

    /// <summary>From the value's first character to behind its last. A block's end is told by the parser as where the next thing begins.</summary>
    private static (int From, int To) Span(string file, YamlNode value)
    {
        var to = value switch
        {
            YamlSequenceNode { Style: SequenceStyle.Block, Children: [.., var last] } => Span(file, last).To,

            // Its end is told as its beginning.
            YamlSequenceNode flow => file.IndexOf(']', flow.Children.Count > 0 ? Span(file, flow.Children[^1]).To : Index(flow.Start)) + 1,
            _ => Index(value.End),
        };
        var from = Index(value.Start);
        while (to > from && file[to - 1] is '\n' or '\r')
        {
            to--;
        }

        return (from, to);
    }

    /// <summary>Plain where that is surely read as the same text, else quoted.</summary>
    private static string Scalar(string text)
    {
        var plain = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':' or '+' or '@') && char.IsAsciiLetterOrDigit(text[0]) && text[^1] != ':'
            && !text.Contains(": ", StringComparison.Ordinal) && text is not ("null" or "Null" or "NULL");
        return plain ? text : string.Create(CultureInfo.InvariantCulture, $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
    }

    private static int Index(Mark mark) => (int)mark.Index;

    private sealed record Place(YamlMappingNode Mapping, YamlNode Key, YamlNode Value);
}
