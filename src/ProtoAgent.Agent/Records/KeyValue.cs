using System.Buffers;

namespace ProtoAgent.Agent.Records;

/// <summary>The value behind a name that says it is secret, in a URL, a header, YAML, a command line or JSON that is not whole.</summary>
internal static class KeyValue
{
    /// <summary>No separator is looked for further away.</summary>
    private const int WidestGap = 16;

    /// <summary>No comma and no bracket: rather a little too much is taken out than the end of a password left.</summary>
    private static readonly SearchValues<char> s_endsWord = SearchValues.Create(" \t\r\n\"'`&;<");

    /// <param name="at">Where one of <see cref="SecretNames.InText"/> begins.</param>
    /// <returns>Where the value begins and how long it is; 0 if no value follows.</returns>
    public static (int Start, int Length) Find(ReadOnlySpan<char> text, int at)
    {
        var name = Name(text[at..]);
        var separator = Separator(text, at + name.Length);
        if (name.Length == 0 || separator == 0)
        {
            return default;
        }

        var start = separator;
        for (var gap = 0; start < text.Length && text[start] is ' ' or '\t' && gap < WidestGap; gap++)
        {
            start++;
        }

        // JSON within JSON: the quotation mark of the value has as many backslashes before it as the one that ends it.
        var slashes = CountSlashes(text, start);
        var first = start + slashes;
        var length = first < text.Length && text[first] is '"' or '\'' ? Quoted(text, first, slashes, out start) : Plain(text, at, name, separator, start);
        return text.Slice(start, length).Trim().TrimEnd(",)]}") is "" or "null" or "true" or "false" or "none" or Redactor.Mark ? default : (start, length);
    }

    private static ReadOnlySpan<char> Name(ReadOnlySpan<char> rest)
    {
        var longest = ReadOnlySpan<char>.Empty;
        foreach (var name in SecretNames.InText)
        {
            if (name.Length > longest.Length && rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                longest = rest[..name.Length];
            }
        }

        return longest;
    }

    /// <summary>Behind <c>=</c>, <c>:</c>, <c>=&gt;</c>, <c>%3D</c>, with a closing quotation mark of the name and spaces before it; 0 if there is none.</summary>
    private static int Separator(ReadOnlySpan<char> text, int at)
    {
        at += CountSlashes(text, at);
        if (at < text.Length && text[at] is '"' or '\'')
        {
            at++;
        }

        for (var gap = 0; at < text.Length && text[at] is ' ' or '\t' && gap < WidestGap; gap++)
        {
            at++;
        }

        return at >= text.Length ? 0
            : text[at..].StartsWith("=>", StringComparison.Ordinal) ? at + 2
            : text[at] is '=' or ':' ? at + 1
            : text[at..].StartsWith("%3D", StringComparison.OrdinalIgnoreCase) ? at + 3
            : 0;
    }

    private static int Quoted(ReadOnlySpan<char> text, int first, int slashes, out int start)
    {
        start = first + 1;
        var at = start;
        while (text[at..].IndexOf(text[first]) is >= 0 and var step)
        {
            at += step;
            var before = 0;
            while (at - before > start && text[at - before - 1] == '\\')
            {
                before++;
            }

            if (before <= slashes)
            {
                return at - before - start;
            }

            at++;
        }

        return text.Length - start;
    }

    /// <summary>Without quotation marks: a word; of a header or of a password in YAML the whole line, for they may have spaces.</summary>
    private static int Plain(ReadOnlySpan<char> text, int at, ReadOnlySpan<char> name, int separator, int start)
    {
        var rest = text[start..];
        var wholeLine = name.StartsWith("auth", StringComparison.OrdinalIgnoreCase)
            || (text[separator - 1] == ':' && name.StartsWith("pass", StringComparison.OrdinalIgnoreCase));
        var quote = at > 0 && text[at - 1] is '"' or '\'' ? text[at - 1] : '\n';
        var mark = rest.StartsWith(Redactor.Mark, StringComparison.Ordinal) ? Redactor.Mark.Length : 0;
        var end = wholeLine ? rest[mark..].IndexOfAny('\r', '\n', quote) : rest[mark..].IndexOfAny(s_endsWord);
        return end < 0 ? rest.Length : mark + end;
    }

    private static int CountSlashes(ReadOnlySpan<char> text, int at)
    {
        var count = 0;
        while (at + count < text.Length && text[at + count] == '\\' && count < WidestGap)
        {
            count++;
        }

        return count;
    }
}
