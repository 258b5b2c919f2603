using System.Collections.Frozen;

namespace ProtoAgent.Agent.Memory;

/// <summary>
/// The words of a message worth looking up. A search by any word finds something for "thanks, go on"; what is put before a turn
/// unasked must be about what the turn is about.
/// </summary>
internal sealed class MessageWords
{
    private const int Read = 1_000;
    private const int Most = 8;

    /// <summary>English words that say nothing of what a message is about, beside those of three letters and fewer.</summary>
    private static readonly FrozenSet<string> s_common = FrozenSet.ToFrozenSet(
        [
            "about", "after", "again", "also", "another", "anything", "because", "been", "before", "being", "both", "came", "come", "could", "does", "doing", "done", "down", "each", "even",
            "every", "from", "give", "goes", "going", "good", "hello", "help", "here", "into", "just", "know", "like", "long", "look", "made", "make", "many", "maybe", "more", "most", "much",
            "must", "need", "only", "other", "over", "please", "really", "said", "same", "should", "show", "some", "something", "such", "sure", "take", "tell", "than", "thank", "thanks", "that",
            "their", "them", "then", "there", "these", "they", "thing", "things", "think", "this", "those", "time", "told", "very", "want", "well", "went", "were", "what", "when", "where",
            "which", "while", "will", "with", "work", "would", "yeah", "your",
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly List<string> _words;

    public MessageWords(string message)
    {
        var text = message.Length <= Read ? message : message[..Read];
        _words = [.. Split(text).Where(w => IsTelling(w)).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(w => w.Length).Take(Most)];
    }

    /// <summary>Empty when there is nothing to look up.</summary>
    public string Query => string.Join(' ', _words);

    /// <summary>Two of the words, or the only one; a stretch of a script without blanks is several words in one.</summary>
    public bool AreIn(string text) =>
        _words.Any(IsDense) || _words.Count(w => text.Contains(w, StringComparison.OrdinalIgnoreCase) || (w[^1] is 's' or 'S' && text.Contains(w[..^1], StringComparison.OrdinalIgnoreCase))) >= Math.Min(2, _words.Count);

    private static IEnumerable<string> Split(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] is '_' || char.IsSurrogate(text[i]) || char.GetUnicodeCategory(text[i]) is System.Globalization.UnicodeCategory.NonSpacingMark))
            {
                i++;
            }

            if (i > start)
            {
                yield return text[start..i];
            }
            else
            {
                i++;
            }
        }
    }

    private static bool IsTelling(string word) => IsDense(word) ? word.Length > 1 : (word.Length > 3 || word.Any(char.IsDigit)) && !s_common.Contains(word);

    private static bool IsDense(string word) => word.Any(c => c is >= '\u0E00' and < '\u0F00' or >= '\u2E80' and < '\uD800' or >= '\uF900' and < '\uFB00');
}
