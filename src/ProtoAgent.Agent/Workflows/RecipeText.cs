using System.Text;

namespace ProtoAgent.Agent.Workflows;

/// <summary>
/// A text with places for inputs and outputs: <c>{{inputs.topic}}</c>, <c>{{steps.search.output}}</c>. Substitution is all there
/// is: what is put in is never read for further places. <c>\{{</c> is two braces.
/// </summary>
/// <param name="line">Where it begins in the file.</param>
/// <param name="isBlock">A literal block: its lines are the file's.</param>
internal sealed class RecipeText
{
    private readonly List<(string Literal, Place? Place)> _parts = [];

    public RecipeText(string text, int line, bool isBlock)
    {
        Line = line;
        Read(text, isBlock);
    }

    public int Line { get; }

    public IEnumerable<Place> Places => _parts.Select(p => p.Place).OfType<Place>();

    /// <summary>It is one place and nothing else.</summary>
    public Place? Only => _parts is [("", { } place)] ? place : null;

    public string Render(Func<Place, string> value)
    {
        var text = new StringBuilder();
        foreach (var (literal, place) in _parts)
        {
            text.Append(literal).Append(place is null ? "" : value(place));
        }

        return text.ToString();
    }

    private void Read(string text, bool isBlock)
    {
        var literal = new StringBuilder();
        var at = 0;
        while (text.IndexOf("{{", at, StringComparison.Ordinal) is var open and >= 0)
        {
            if (open > at && text[open - 1] == '\\')
            {
                literal.Append(text, at, open - 1 - at).Append("{{");
                at = open + 2;
                continue;
            }

            literal.Append(text, at, open - at);
            var line = Line + (isBlock ? 1 + text.AsSpan(0, open).Count('\n') : 0);
            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            var inside = close < 0 ? text[open..] : text[(open + 2)..close];
            _parts.Add((literal.ToString(), Place.Parse(inside.Trim(), line, isClosed: close >= 0)));
            literal.Clear();
            at = close < 0 ? text.Length : close + 2;
        }

        literal.Append(text, at, text.Length - at);
        if (literal.Length > 0)
        {
            _parts.Add((literal.ToString(), null));
        }
    }
}

/// <summary>A place in a text: of an input, of a step's output, or of nothing that is known.</summary>
/// <param name="Input">Null unless it is an input's.</param>
/// <param name="Step">Null unless it is a step's output's.</param>
/// <param name="Problem">What is wrong with it; null if nothing is.</param>
internal sealed record Place(int Line, string? Input, string? Step, string? Problem)
{
    private const string Known = "A place is {{inputs.<name>}} or {{steps.<id>.output}}; \\{{ stands for two braces.";

    public static Place Parse(string inside, int line, bool isClosed)
    {
        if (!isClosed)
        {
            return new Place(line, null, null, $"'{{{{' is not closed by '}}}}'. {Known}");
        }

        return inside.Split('.') switch
        {
            ["inputs", { Length: > 0 } name] => new Place(line, name, null, null),
            ["steps", { Length: > 0 } id, "output"] => new Place(line, null, id, null),
            _ => new Place(line, null, null, $"'{{{{{inside}}}}}' is no place this program knows. {Known}"),
        };
    }
}
