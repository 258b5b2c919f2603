using System.Globalization;
using System.Numerics;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>A fraction written as a decimal number: all its digits where they end soon, else a rounded number that says so.</summary>
internal static class Digits
{
    private const int MostPlaces = 60;
    private const int Significant = 34;

    public static string Of(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsOne)
        {
            return numerator.ToString(CultureInfo.InvariantCulture);
        }

        var sign = numerator.Sign < 0 ? "-" : "";
        var value = BigInteger.Abs(numerator);
        for (var (places, scaled) = (1, value * 10); places <= MostPlaces; places++, scaled *= 10)
        {
            if ((scaled % denominator).IsZero)
            {
                return sign + Pointed(scaled / denominator, places);
            }
        }

        // The power of ten of the first digit, or one beside it.
        var first = (int)Math.Floor(BigInteger.Log10(value) - BigInteger.Log10(denominator));
        var (digits, shift) = Rounded(value, denominator, Significant - 1 - first);
        if (digits.Length > Significant)
        {
            (digits, shift) = Rounded(value, denominator, shift - 1);
        }

        var exponent = digits.Length - 1 - shift;
        var trimmed = digits.TrimEnd('0');
        return exponent is >= -6 and < Significant
            ? $"≈ {sign}{Pointed(BigInteger.Parse(digits, CultureInfo.InvariantCulture), shift)}"
            : $"≈ {sign}{trimmed[0]}{(trimmed.Length > 1 ? "." : "")}{trimmed[1..]}E{exponent:+0;-0}";
    }

    /// <summary>The digits of the fraction times ten to the power of the shift, half rounded up.</summary>
    private static (string Digits, int Shift) Rounded(BigInteger value, BigInteger denominator, int shift)
    {
        var top = value * BigInteger.Pow(10, Math.Max(shift, 0));
        var bottom = denominator * BigInteger.Pow(10, Math.Max(-shift, 0));
        return ((((2 * top) + bottom) / (2 * bottom)).ToString(CultureInfo.InvariantCulture), shift);
    }

    /// <param name="places">Digits behind the point; not negative.</param>
    private static string Pointed(BigInteger digits, int places)
    {
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return places == 0 ? text : $"{text[..^places]}.{text[^places..]}".TrimEnd('0').TrimEnd('.');
    }
}
