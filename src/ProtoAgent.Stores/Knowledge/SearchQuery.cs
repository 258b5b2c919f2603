using System.Collections.Frozen;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// What somebody typed, as the index is asked: any of the words, "words in quotes" as a phrase, word* by its beginning. There is
/// no other syntax, so there is nothing a query can get wrong: AND, NEAR, brackets and the rest are text.
/// </summary>
internal static class SearchQuery
{
    /// <summary>More say nothing new, and cost.</summary>
    private const int MostTerms = 64;

    /// <summary>
    /// What a question is made of and an answer is not. In a small collection such words are rare, and so would weigh most. English
    /// alone; where they are all there is, they are looked for.
    /// </summary>
    private static readonly FrozenSet<string> s_asking = FrozenSet.Create(
        StringComparer.Ordinal,
        "a", "am", "an", "and", "are", "as", "at", "be", "been", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "me",
        "my", "of", "on", "or", "our", "should", "that", "the", "their", "there", "these", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why",
        "will", "with", "would", "you", "your");

    /// <summary>One thing looked for.</summary>
    /// <param name="Expression">In FTS5's language. Made of tokens alone, which have no quotes in them.</param>
    /// <param name="Token">Of a plain word: the token itself; null for a phrase or a beginning.</param>
    public sealed record Term(string Expression, string? Token);

    public static IReadOnlyList<Term> Parse(string query)
    {
        var terms = new List<Term>();
        var parts = query.Split('"');
        for (var i = 0; i < parts.Length; i++)
        {
            // Between an odd and an even quote is a phrase; behind a last one that nobody closed are words.
            if (i % 2 == 1 && i < parts.Length - 1)
            {
                Add(Phrase(parts[i]));
            }
            else
            {
                Words(parts[i]);
            }
        }

        var telling = terms.Where(t => t.Token is null || !s_asking.Contains(t.Token)).ToList();
        return [.. (telling.Count > 0 ? telling : terms).DistinctBy(t => t.Expression).Take(MostTerms)];

        void Words(string text)
        {
            foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                var runs = SearchText.Runs(word).ToList();
                for (var r = 0; r < runs.Count; r++)
                {
                    Add(Of(runs[r], begins: r == runs.Count - 1 && word.EndsWith('*')));
                }
            }
        }

        void Add(Term? term)
        {
            if (term is not null)
            {
                terms.Add(term);
            }
        }
    }

    /// <summary>A character alone of a script without blanks is the beginning of a pair.</summary>
    private static Term Of((string Text, bool IsDense) run, bool begins)
    {
        if (!run.IsDense)
        {
            return begins ? new Term($"\"{SearchText.Singular(run.Text)}\" *", null) : new Term($"\"{SearchText.Singular(run.Text)}\"", SearchText.Singular(run.Text));
        }

        var pairs = string.Join(' ', SearchText.Pairs(run.Text));
        return pairs.Length == 0 ? new Term($"\"{run.Text}\" *", null) : new Term($"\"{pairs}\"", pairs.Contains(' ', StringComparison.Ordinal) ? null : pairs);
    }

    private static Term? Phrase(string text)
    {
        // As they lie in the index, but for the single character behind the last stretch: more may follow there.
        var runs = SearchText.Runs(text).ToList();
        var tokens = runs.Take(runs.Count - 1).SelectMany(run => SearchText.Tokens(run))
            .Concat(runs is [.., var last] ? last.IsDense ? SearchText.Pairs(last.Text).DefaultIfEmpty(last.Text) : SearchText.Tokens(last) : []).ToList();
        return tokens.Count switch
        {
            0 => null,
            1 => new Term($"\"{tokens[0]}\"", tokens[0]),
            _ => new Term($"\"{string.Join(' ', tokens)}\"", null),
        };
    }
}
