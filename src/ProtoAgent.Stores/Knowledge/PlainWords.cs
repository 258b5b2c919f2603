using System.Text;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>The tokens of a text of ASCII alone, as <see cref="SearchText"/> has them, without a string for each: most texts are such.</summary>
/// <param name="buffer">At least as long as the longest word.</param>
internal ref struct PlainWords(ReadOnlySpan<char> text, Span<char> buffer)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer;
    private int _at;

    /// <summary>Valid until the next <see cref="MoveNext"/>.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    public static bool Are(string text) => Ascii.IsValid(text);

    public readonly PlainWords GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_at < _text.Length && !char.IsAsciiLetterOrDigit(_text[_at]))
        {
            _at++;
        }

        var length = 0;
        for (; _at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]); _at++)
        {
            if (length < SearchText.LongestWord)
            {
                _buffer[length++] = char.IsAsciiLetterUpper(_text[_at]) ? (char)(_text[_at] | 0x20) : _text[_at];
            }
        }

        Current = Singular(_buffer[..length]);
        return length > 0;
    }

    /// <summary>As <see cref="SearchText.Singular"/>, in place.</summary>
    private static ReadOnlySpan<char> Singular(Span<char> word)
    {
        if (word.Length <= 3 || word[^1] != 's')
        {
            return word;
        }

        if (word[^2] == 'e' && word[^3] == 'i' && word[^4] is not ('e' or 'a'))
        {
            word[^3] = 'y';
            return word[..^2];
        }

        return word[^2] is 'u' or 's' or 'i' ? word : word[..^1];
    }
}
