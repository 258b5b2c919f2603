using System.Collections.Frozen;
using System.Numerics;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>What may be called in an expression, and the constants. Angles are in radians.</summary>
internal static class Functions
{
    private const int MostPlaces = 1_000;
    private const int Any = int.MaxValue;
    private const double SmallestNormal = 2.2250738585072014E-308;

    private static readonly FrozenDictionary<string, Function> s_all = new Dictionary<string, Function>
    {
        ["abs"] = new(1, 1, (a, _) => a[0].Sign < 0 ? -a[0] : a[0]),
        ["floor"] = new(1, 1, (a, _) => a[0].Floor()),
        ["ceil"] = new(1, 1, (a, _) => -(-a[0]).Floor()),
        ["round"] = new(1, 2, Round),
        ["min"] = new(1, Any, (a, _) => a.Aggregate((x, y) => Number.Compare(y, x) < 0 ? y : x)),
        ["max"] = new(1, Any, (a, _) => a.Aggregate((x, y) => Number.Compare(y, x) > 0 ? y : x)),
        ["sqrt"] = new(1, 1, (a, at) => Power.SquareRoot(a[0], at)),
        ["pow"] = new(2, 2, (a, at) => Power.Of(a[0], a[1], at)),
        ["exp"] = Real(Math.Exp),
        ["ln"] = new(1, 1, (a, at) => Logarithm("ln", a[0], at, Math.Log, BigInteger.Log)),
        ["log10"] = new(1, 1, (a, at) => Logarithm("log10", a[0], at, Math.Log10, BigInteger.Log10)),
        ["log2"] = new(1, 1, (a, at) => Logarithm("log2", a[0], at, Math.Log2, n => BigInteger.Log(n, 2))),
        ["sin"] = Real(Math.Sin),
        ["cos"] = Real(Math.Cos),
        ["tan"] = Real(Math.Tan),
        ["asin"] = Real(Math.Asin),
        ["acos"] = Real(Math.Acos),
        ["atan"] = Real(Math.Atan),
        ["atan2"] = new(2, 2, (a, _) => new Number(Math.Atan2(a[0].ToDouble(), a[1].ToDouble()))),
    }.ToFrozenDictionary();

    /// <param name="least">Arguments it takes.</param>
    private sealed record Function(int Least, int Most, Func<Number[], int, Number> Apply);

    public static bool IsFunction(string name) => s_all.ContainsKey(name);

    public static Number? Constant(string name) => name switch
    {
        "pi" => new Number(Math.PI),
        "e" => new Number(Math.E),
        _ => null,
    };

    /// <param name="at">Where the name stands.</param>
    public static Number Call(string name, Number[] arguments, int at)
    {
        var function = s_all[name];
        return arguments.Length >= function.Least && arguments.Length <= function.Most
            ? function.Apply(arguments, at)
            : throw new CalculationException($"{name} takes {Taken(function)}, not {arguments.Length}", at);
    }

    /// <summary>What to say of a name there is not.</summary>
    public static string Unknown(string name) => name == "log"
        ? "log could mean two: write ln, log10 or log2"
        : $"unknown name '{name}'; there are {string.Join(", ", s_all.Keys.Order(StringComparer.Ordinal))}, and the constants pi and e";

    private static string Taken(Function function) => function switch
    {
        { Most: Any } => "one or more arguments",
        { Most: 1 } => "one argument",
        { Least: 1 } => "one or two arguments",
        _ => "two arguments",
    };

    private static Function Real(Func<double, double> function) => new(1, 1, (a, _) => new Number(function(a[0].ToDouble())));

    /// <summary>To the places given behind the point, halves away from zero.</summary>
    private static Number Round(Number[] arguments, int at)
    {
        var places = arguments.Length > 1 ? arguments[1] : Number.Of(0);
        if (!places.IsInteger || BigInteger.Abs(places.Numerator) > MostPlaces)
        {
            throw new CalculationException($"round takes a whole number of places, from -{MostPlaces} to {MostPlaces}", at);
        }

        var value = arguments[0];
        var scale = Power.Of(Number.Of(10), places, at);
        var half = Number.Of(1, 2);
        return value.Sign < 0 ? -(((-value * scale) + half).Floor() / scale) : ((value * scale) + half).Floor() / scale;
    }

    private static Number Logarithm(string name, Number value, int at, Func<double, double> ofDouble, Func<BigInteger, double> ofInteger)
    {
        if (value.Sign <= 0)
        {
            throw new CalculationException($"{name} of a number that is not positive", at);
        }

        // A fraction may be far beyond what a double holds, and its logarithm not.
        var near = value.ToDouble();
        return new Number(value.IsExact && (double.IsInfinity(near) || near < SmallestNormal)
            ? ofInteger(value.Numerator) - ofInteger(value.Denominator)
            : ofDouble(near));
    }
}
