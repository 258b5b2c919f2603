using System.Globalization;
using System.Numerics;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>
/// An exact fraction as long as that is possible and not too long; else the nearest double. So 0.1 + 0.2 is 0.3, 1/3*3 is 1,
/// and 2^200 has all of its digits.
/// </summary>
internal readonly struct Number
{
    /// <summary>Of a numerator or denominator: some 4,900 digits.</summary>
    public const int MostBits = 16_384;

    private readonly double _approximate;

    private Number(BigInteger numerator, BigInteger denominator)
    {
        (IsExact, Numerator, Denominator) = (true, numerator, denominator);
    }

    public Number(double approximate)
    {
        _approximate = approximate;
    }

    public bool IsExact { get; }

    /// <summary>If exact: in lowest terms, and with the sign.</summary>
    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public bool IsInteger => IsExact && Denominator.IsOne;

    public bool IsZero => IsExact ? Numerator.IsZero : _approximate == 0;

    public int Sign => IsExact ? Numerator.Sign : Math.Sign(_approximate);

    public static Number Of(BigInteger value) => Of(value, BigInteger.One);

    /// <summary>The fraction; the nearest double where it is too long.</summary>
    /// <param name="denominator">Not zero.</param>
    public static Number Of(BigInteger numerator, BigInteger denominator)
    {
        if (!denominator.IsOne)
        {
            var common = BigInteger.GreatestCommonDivisor(numerator, denominator);
            numerator /= common * denominator.Sign;
            denominator /= common * denominator.Sign;
        }

        var exact = new Number(numerator, denominator);
        return Length(numerator) <= MostBits && Length(denominator) <= MostBits ? exact : new Number(exact.ToDouble());
    }

    public static long Length(BigInteger value) => (long)BigInteger.Abs(value).GetBitLength();

    public static Number operator +(Number a, Number b) => a.IsExact && b.IsExact
        ? Of((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator)
        : new Number(a.ToDouble() + b.ToDouble());

    public static Number operator -(Number a) => a.IsExact ? new Number(-a.Numerator, a.Denominator) : new Number(-a._approximate);

    public static Number operator -(Number a, Number b) => a + (-b);

    public static Number operator *(Number a, Number b) => a.IsExact && b.IsExact
        ? Of(a.Numerator * b.Numerator, a.Denominator * b.Denominator)
        : new Number(a.ToDouble() * b.ToDouble());

    /// <param name="b">Not zero.</param>
    public static Number operator /(Number a, Number b) => a.IsExact && b.IsExact
        ? Of(a.Numerator * b.Denominator, a.Denominator * b.Numerator)
        : new Number(a.ToDouble() / b.ToDouble());

    /// <summary>What is left of <paramref name="a"/>, with its sign.</summary>
    /// <param name="b">Not zero.</param>
    public static Number operator %(Number a, Number b) => a.IsExact && b.IsExact
        ? Of(BigInteger.Remainder(a.Numerator * b.Denominator, b.Numerator * a.Denominator), a.Denominator * b.Denominator)
        : new Number(a.ToDouble() % b.ToDouble());

    public static int Compare(Number a, Number b) => a.IsExact && b.IsExact
        ? (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator)
        : a.ToDouble().CompareTo(b.ToDouble());

    /// <summary>The greatest integer not above it.</summary>
    public Number Floor()
    {
        if (!IsExact)
        {
            return new Number(Math.Floor(_approximate));
        }

        var whole = BigInteger.DivRem(Numerator, Denominator, out var rest);
        return Of(rest.Sign < 0 ? whole - 1 : whole);
    }

    /// <summary>Rightly rounded, however long the fraction.</summary>
    public double ToDouble()
    {
        if (!IsExact)
        {
            return _approximate;
        }

        // 64 bits of the quotient or one more; what is behind them sets the last, so that rounding to 53 sees it.
        var shift = (int)(64 - Length(Numerator) + Length(Denominator));
        var top = BigInteger.Abs(Numerator) << Math.Max(shift, 0);
        var bottom = Denominator << Math.Max(-shift, 0);
        var quotient = BigInteger.DivRem(top, bottom, out var rest);
        if (quotient > ulong.MaxValue)
        {
            rest += quotient & 1;
            quotient >>= 1;
            shift--;
        }

        var bits = (ulong)quotient | (rest.IsZero ? 0UL : 1UL);
        return Math.ScaleB((double)bits, -shift) * (Numerator.Sign < 0 ? -1 : 1);
    }

    public override string ToString() => IsExact ? Digits.Of(Numerator, Denominator) : $"≈ {_approximate.ToString("R", CultureInfo.InvariantCulture)}";
}
