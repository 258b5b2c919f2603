using System.Globalization;
using System.Numerics;
using System.Text;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>
/// Reads an expression and works it out on the way, by recursive descent:
/// <code>
/// sum     = product { ("+" | "-") product }
/// product = unary { ("*" | "/" | "%") unary }
/// unary   = ("+" | "-") unary | power
/// power   = atom [ ("^" | "**") unary ]          so -2^2 is -4, 2^-1 is 0.5, and 2^3^2 is 2^9
/// atom    = number | constant | name "(" sum { "," sum } ")" | "(" sum ")"
/// </code>
/// </summary>
internal sealed class Expression
{
    private const int Longest = 4_000;
    private const int Deepest = 200;

    private readonly string _text;
    private int _at;
    private int _depth;

    private Expression(string text)
    {
        _text = text;
    }

    /// <exception cref="CalculationException">It can't be read, or has no value.</exception>
    public static Number Evaluate(string text)
    {
        if (text.Length > Longest)
        {
            throw new CalculationException($"the expression has {text.Length:N0} characters; at most {Longest:N0} can be read", Longest);
        }

        var expression = new Expression(text);
        var value = expression.Sum();
        return expression.Peek() == '\0' && expression._at >= text.Length ? value : throw expression.Unexpected("an operator");
    }

    private Number Sum()
    {
        var value = Product();
        while (Peek() is '+' or '-' or '−')
        {
            var at = _at++;
            var right = Product();
            value = Checked(_text[at] == '+' ? value + right : value - right, at);
        }

        return value;
    }

    private Number Product()
    {
        var value = Unary();
        while (Peek() is '*' or '/' or '%' or '×' or '·' or '÷')
        {
            var at = _at++;
            var right = Unary();
            var isProduct = _text[at] is '*' or '×' or '·';
            if (!isProduct && right.IsZero)
            {
                throw new CalculationException(right.IsExact ? "division by zero" : "division by zero, or by what is too near to it", at);
            }

            value = Checked(isProduct ? value * right : _text[at] == '%' ? value % right : value / right, at);
        }

        return value;
    }

    /// <summary>Every way down goes through here, so here the depth is counted: the stack must outlast any expression.</summary>
    private Number Unary()
    {
        if (++_depth > Deepest)
        {
            throw new CalculationException($"more than {Deepest} levels deep", _at);
        }

        var sign = Peek();
        if (sign is '+' or '-' or '−')
        {
            _at++;
        }

        var value = sign is '+' or '-' or '−' ? Unary() : Raised();
        _depth--;
        return sign is '-' or '−' ? -value : value;
    }

    private Number Raised()
    {
        var value = Atom();
        if (Peek() != '^' && !IsDoubleStar)
        {
            return value;
        }

        var at = _at;
        _at += IsDoubleStar ? 2 : 1;
        return Checked(Power.Of(value, Unary(), at), at);
    }

    private Number Atom()
    {
        var next = Peek();
        if (next == '(')
        {
            var open = _at++;
            var value = Sum();
            Close(open);
            return value;
        }

        return char.IsAsciiDigit(next) || next == '.' ? Literal() : char.IsAsciiLetter(next) ? Named() : throw Unexpected("a number");
    }

    private Number Named()
    {
        var at = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        var name = _text[at.._at].ToLowerInvariant();
        if (Functions.Constant(name) is { } constant)
        {
            return constant;
        }

        if (!Functions.IsFunction(name))
        {
            throw new CalculationException(Functions.Unknown(name), at);
        }

        if (Peek() != '(')
        {
            throw new CalculationException($"{name} is a function: write {name}(…)", at);
        }

        var open = _at++;
        var arguments = new List<Number> { Sum() };
        while (Peek() == ',')
        {
            _at++;
            arguments.Add(Sum());
        }

        Close(open);
        return Checked(Functions.Call(name, [.. arguments], at), at);
    }

    private Number Literal()
    {
        var at = _at;
        var whole = DigitsHere();
        var places = _at < _text.Length && _text[_at] == '.' ? DigitsBehindPoint() : "";
        if (whole.Length + places.Length == 0)
        {
            throw new CalculationException("a point without digits", at);
        }

        var value = Number.Of(BigInteger.Parse(whole + places, CultureInfo.InvariantCulture));
        return Checked(value * Power.Of(Number.Of(10), Number.Of(Exponent() - places.Length), at), at);
    }

    /// <summary>Of <c>1.5e-3</c>: only where digits follow, for <c>e</c> is also a constant.</summary>
    private BigInteger Exponent()
    {
        if (_at >= _text.Length || _text[_at] is not ('e' or 'E'))
        {
            return 0;
        }

        var sign = _at + 1 < _text.Length && _text[_at + 1] is '+' or '-' ? 1 : 0;
        var digits = _at + 1 + sign;
        if (digits >= _text.Length || !char.IsAsciiDigit(_text[digits]))
        {
            return 0;
        }

        var isNegative = _text[_at + 1] == '-';
        _at = digits;
        var value = BigInteger.Parse(DigitsHere(), CultureInfo.InvariantCulture);
        return isNegative ? -value : value;
    }

    private string DigitsBehindPoint()
    {
        _at++;
        return DigitsHere();
    }

    private string DigitsHere()
    {
        var from = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        return _text[from.._at];
    }

    private void Close(int open)
    {
        if (Peek() != ')')
        {
            throw _at < _text.Length ? Unexpected("an operator or ')'") : new CalculationException("this '(' is not closed", open);
        }

        _at++;
    }

    /// <summary>The next character that is no space, without taking it; NUL at the end.</summary>
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        // "**" is a power wherever '*' is looked for.
        return _at >= _text.Length ? '\0' : IsDoubleStar ? '^' : _text[_at];
    }

    private bool IsDoubleStar => _at + 1 < _text.Length && _text[_at] == '*' && _text[_at + 1] == '*';

    /// <summary>A character for a message, whole and printable.</summary>
    private Rune Here => Rune.GetRuneAt(_text, _at) is var here && Rune.IsControl(here) ? Rune.ReplacementChar : here;

    private CalculationException Unexpected(string wanted) => _at >= _text.Length
        ? new CalculationException($"it ends where {wanted} should follow", _at)
        : new CalculationException($"'{Here}' stands where {wanted} should; multiplication is written with '*', thousands without ','", _at);

    private static Number Checked(Number value, int at)
    {
        var near = value.IsExact ? 0 : value.ToDouble();
        return double.IsNaN(near) ? throw new CalculationException("it has no real value", at)
            : double.IsInfinity(near) ? throw new CalculationException("the result is too large", at)
            : value;
    }
}
