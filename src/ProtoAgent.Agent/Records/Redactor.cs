using System.Text;

namespace ProtoAgent.Agent.Records;

/// <summary>
/// Takes secrets out of text before it is written down: those that are known, wherever they stand and however they are escaped, and
/// what looks like one. In linear time, whatever the text.
/// </summary>
/// <param name="secrets">The configured ones. Null and what is shorter than 6 characters is passed over.</param>
public sealed class Redactor(IEnumerable<string?> secrets)
{
    /// <summary>What stands there instead.</summary>
    public const string Mark = "[redacted]";

    private readonly Lock _gate = new();
    private HashSet<string> _known = [.. secrets.OfType<string>()];
    private volatile ExactSecrets _exact = new(secrets);

    /// <summary>More values that are secret; those known before stay so, for what was said with them may still be written down.</summary>
    public void Know(IEnumerable<string?> more)
    {
        lock (_gate)
        {
            _known = [.. _known, .. more.OfType<string>()];
            _exact = new ExactSecrets(_known);
        }
    }

    /// <summary>
    /// The text without its secrets. JSON is read as JSON: a value is found whatever its escapes, and what a name calls a password is
    /// one. Where nothing is found the text comes back as it was.
    /// </summary>
    public string Redact(string text) => JsonRedaction.TryRedact(text, RedactText) ?? RedactText(text);

    private string RedactText(string text)
    {
        var found = new List<Range>();
        _exact.Find(text, found);
        SecretPatterns.Find(text, found);
        if (found.Count == 0)
        {
            return text;
        }

        found.Sort((a, b) => a.Start.Value.CompareTo(b.Start.Value));
        var clean = new StringBuilder(text.Length);
        var (start, end, kept) = (found[0].Start.Value, found[0].End.Value, 0);
        foreach (var range in found)
        {
            // What overlaps is one; else a piece of the one behind would be left.
            if (range.Start.Value > end)
            {
                clean.Append(text, kept, start - kept).Append(Mark);
                kept = end;
                start = range.Start.Value;
            }

            end = Math.Max(end, range.End.Value);
        }

        return clean.Append(text, kept, start - kept).Append(Mark).Append(text, end, text.Length - end).ToString();
    }
}
