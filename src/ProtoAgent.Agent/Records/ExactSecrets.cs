using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace ProtoAgent.Agent.Records;

/// <summary>Values known to be secret, in each form they may turn up in: as they are, escaped for JSON, for a URL, as Base64.</summary>
internal sealed class ExactSecrets
{
    /// <summary>What is shorter turns up by chance, and would black out innocent text.</summary>
    public const int Shortest = 6;

    // Of a form, by its first character: the longest first, so that no end of a longer one is left over.
    private readonly Dictionary<char, string[]> _forms;
    private readonly SearchValues<string> _search;

    public ExactSecrets(IEnumerable<string?> secrets)
    {
        var forms = secrets.OfType<string>().Where(s => s.Length >= Shortest).SelectMany(Forms).Where(f => f.Length >= Shortest).ToHashSet(StringComparer.Ordinal);
        _search = SearchValues.Create([.. forms], StringComparison.Ordinal);
        _forms = forms.GroupBy(f => f[0]).ToDictionary(g => g.Key, g => g.OrderByDescending(f => f.Length).ToArray());
    }

    /// <summary>Where secrets stand in the text, from left to right.</summary>
    public void Find(ReadOnlySpan<char> text, List<Range> found)
    {
        var at = 0;
        while (text[at..].IndexOfAny(_search) is >= 0 and var step)
        {
            at += step;
            var rest = text[at..];
            foreach (var form in _forms[rest[0]])
            {
                if (rest.StartsWith(form, StringComparison.Ordinal))
                {
                    Add(found, at, at + form.Length);
                    break;
                }
            }

            // Not behind it: another secret may begin inside of this one and reach further.
            at++;
        }
    }

    private static void Add(List<Range> found, int start, int end)
    {
        if (found.Count > 0 && found[^1].End.Value >= start)
        {
            found[^1] = found[^1].Start..Math.Max(found[^1].End.Value, end);
        }
        else
        {
            found.Add(start..end);
        }
    }

    private static IEnumerable<string> Forms(string secret)
    {
        var inUrl = Uri.EscapeDataString(secret);
        var inForm = WebUtility.UrlEncode(secret);
        var inJson = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        var inAscii = JavaScriptEncoder.Default.Encode(secret);
        return
        [
            secret,
            inJson,
            inAscii,
            inJson.Replace("/", "\\/", StringComparison.Ordinal),

            // JSON within JSON.
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(inJson),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(inAscii),
            inUrl,
            LowerHex(inUrl),
            inForm,
            LowerHex(inForm),
            .. Base64(Encoding.UTF8.GetBytes(secret)),
        ];
    }

    private static string LowerHex(string escaped)
    {
        var lower = escaped.ToCharArray();
        for (var i = 0; i + 2 < lower.Length; i++)
        {
            if (lower[i] == '%')
            {
                (lower[i + 1], lower[i + 2]) = (char.ToLowerInvariant(lower[i + 1]), char.ToLowerInvariant(lower[i + 2]));
            }
        }

        return new string(lower);
    }

    /// <summary>
    /// Behind 0, 1 or 2 other bytes ("user:" before a password) the same value reads differently. Each time those characters that
    /// depend on the secret alone.
    /// </summary>
    private static IEnumerable<string> Base64(byte[] secret)
    {
        for (var before = 0; before < 3; before++)
        {
            byte[] bytes = [.. new byte[before], .. secret];
            var whole = Convert.ToBase64String(bytes)[((before * 8 + 5) / 6)..(bytes.Length * 8 / 6)];
            yield return whole;
            yield return whole.Replace('+', '-').Replace('/', '_');
        }
    }
}
