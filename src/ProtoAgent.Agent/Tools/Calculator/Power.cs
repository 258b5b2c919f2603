using System.Numerics;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>Powers and roots. What they will come to is estimated first: <c>2^10^10</c> is refused, not begun.</summary>
internal static class Power
{
    private const double MostSaid = 1e15;

    /// <summary>Digits worth taking the power for; the result may still be too long to stay exact.</summary>
    private const double MostTaken = 10_000;

    /// <param name="at">Where the operator stands.</param>
    public static Number Of(Number basis, Number exponent, int at)
    {
        if (basis.IsZero && exponent.Sign < 0)
        {
            throw new CalculationException("division by zero: 0 to a negative power", at);
        }

        if (exponent.IsExact && exponent.Numerator.IsOne && exponent.Denominator == 2)
        {
            return SquareRoot(basis, at);
        }

        if (!basis.IsExact || !exponent.IsInteger)
        {
            return Approximate(basis, exponent, at);
        }

        if (exponent.Numerator.IsZero || IsUnit(basis) || basis.IsZero)
        {
            return exponent.Numerator.IsZero || (IsUnit(basis) && exponent.Numerator.IsEven) ? Number.Of(1) : basis;
        }

        var digits = Math.Max(BigInteger.Log10(BigInteger.Abs(basis.Numerator)), BigInteger.Log10(basis.Denominator)) * (double)BigInteger.Abs(exponent.Numerator);
        if (digits > MostTaken)
        {
            return Approximate(basis, exponent, at, digits);
        }

        var power = (int)BigInteger.Abs(exponent.Numerator);
        var (top, bottom) = (BigInteger.Pow(basis.Numerator, power), BigInteger.Pow(basis.Denominator, power));
        return exponent.Sign > 0 ? Number.Of(top, bottom) : Number.Of(bottom, top);
    }

    /// <summary>Exact for the square of a fraction.</summary>
    public static Number SquareRoot(Number value, int at)
    {
        if (value.Sign < 0)
        {
            throw new CalculationException("sqrt of a negative number", at);
        }

        return value.IsExact && Root(value.Numerator) is { } top && Root(value.Denominator) is { } bottom
            ? Number.Of(top, bottom)
            : new Number(Math.Sqrt(value.ToDouble()));
    }

    private static bool IsUnit(Number value) => value.IsInteger && BigInteger.Abs(value.Numerator).IsOne;

    private static Number Approximate(Number basis, Number exponent, int at, double digits = 0)
    {
        if (basis.Sign < 0 && !exponent.IsInteger)
        {
            throw new CalculationException("a negative number to a power that is no integer", at);
        }

        var value = Math.Pow(basis.ToDouble(), exponent.ToDouble());
        if (double.IsInfinity(value))
        {
            throw new CalculationException(digits is > 0 and < MostSaid ? $"the result is too long: it would have some {digits:N0} digits" : "the result is too large", at);
        }

        return new Number(value);
    }

    /// <summary>Null if it is no square.</summary>
    private static BigInteger? Root(BigInteger square)
    {
        if (square.IsZero)
        {
            return square;
        }

        // Newton's way from above comes down to the floor of the root.
        var root = BigInteger.One << (int)((Number.Length(square) + 1) / 2);
        for (var next = (root + (square / root)) >> 1; next < root; next = (root + (square / root)) >> 1)
        {
            root = next;
        }

        return root * root == square ? root : null;
    }
}
