using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using CsCheck;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Calculator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Calculator;

public sealed class CalculatorTests
{
    private readonly CalculatorTool _tool = new();

    [Theory]
    [InlineData("0.1 + 0.2", "0.3")]
    [InlineData("1/3*3", "1")]
    [InlineData("2+3*4", "14")]
    [InlineData("(2+3)*4", "20")]
    [InlineData("7 - 2 - 1", "4")]
    [InlineData("100 / 8 / 2", "6.25")]
    [InlineData("-7 % 3", "-1")]
    [InlineData("7 % -3", "1")]
    [InlineData("5.5 % 2", "1.5")]
    [InlineData("-2^2", "-4")]
    [InlineData("(-2)^2", "4")]
    [InlineData("2^-1", "0.5")]
    [InlineData("2^3^2", "512")]
    [InlineData("2**3**2*2", "1024")]
    [InlineData("--+-3", "-3")]
    [InlineData("1.5e3 + 2E-1 + .5 + 1.", "1501.7")]
    [InlineData("2^64", "18446744073709551616")]
    [InlineData("123456789012345678901234567890 * 987654321098765432109876543210", "121932631137021795226185032733622923332237463801111263526900")]
    [InlineData("sqrt(16) + sqrt(0.25) + sqrt(0)", "4.5")]
    [InlineData("sqrt(10^40)", "100000000000000000000")]
    [InlineData("9^0.5", "3")]
    [InlineData("sqrt(2)", "≈ 1.4142135623730951")]
    [InlineData("floor(-1.5) + ceil(-1.5) + floor(2) + ceil(2.1)", "2")]
    [InlineData("round(2.5) + round(-2.5) + round(2.345, 2) + round(1250, -2)", "1302.35")]
    [InlineData("min(3, 1, 2) + max(1/3, 0.3)*3 + abs(-4)", "6")]
    [InlineData("log10(1000) + log2(8)", "≈ 6")]
    [InlineData("log10(10^4000)", "≈ 4000")]
    [InlineData("ln(e)", "≈ 1")]
    [InlineData("sin(pi/2) + cos(0) + tan(0) + atan2(0, 1) + asin(0) + acos(1) + atan(0) + exp(0)", "≈ 3")]
    [InlineData("pow(2, 10)", "1024")]
    [InlineData("1/3", "≈ 0.3333333333333333333333333333333333")]
    [InlineData("2/3*10^20", "≈ 66666666666666666666.66666666666667")]
    [InlineData("-2/3/10^20", "≈ -6.666666666666666666666666666666667E-21")]
    [InlineData("10^40/3", "≈ 3.333333333333333333333333333333333E+39")]
    [InlineData("1/2^50", "0.00000000000000088817841970012523233890533447265625")]
    [InlineData("(1+0.05/365)^(365*30)", "≈ 4.4812286885245152")]
    [InlineData("0^0", "1")]
    [InlineData("0.5^20000 + 0.5^99999 + exp(-1000)", "≈ 0")]
    [InlineData("(-1)^10^30 + (-1)^(10^30+1)", "0")]
    [InlineData("3 × 4 ÷ 2 − 1 · 2", "4")]
    [InlineData("PI - pi", "≈ 0")]
    [InlineData("2 * e - 2*E", "≈ 0")]
    public async Task Calculate_WhatItCan_Right(string expression, string value)
    {
        var answer = await _tool.AskAsync(new JsonObject { ["expression"] = expression });
        if (answer != value)
        {
            // Only the ulp of a double may differ by machine, and only where a double was needed.
            answer.ShouldStartWith("≈ ", customMessage: $"{expression} is {value}");
            value.ShouldStartWith("≈ ");
            double.Parse(answer[2..]).ShouldBe(double.Parse(value[2..]), 1e-9);
        }
    }

    [Theory]
    [InlineData("", "At character 1 (the end): it ends where a number should follow.")]
    [InlineData("1 +", "At character 4 (the end): it ends where a number should follow.")]
    [InlineData("2 * (3 + 4", "At character 5 ('(3 + 4'): this '(' is not closed.")]
    [InlineData("2 3", "At character 3 ('3'): '3' stands where an operator should")]
    [InlineData("1,000 + 1", "At character 2 (',000 + 1'): ',' stands where an operator should")]
    [InlineData("2pi", "At character 2 ('pi'): 'p' stands where an operator should")]
    [InlineData("1 / (2 - 2)", "At character 3 ('/ (2 - 2)'): division by zero.")]
    [InlineData("1 % 0", "division by zero")]
    [InlineData("0^-1", "division by zero")]
    [InlineData("sqrt(-1)", "At character 1 ('sqrt(-1)'): sqrt of a negative number.")]
    [InlineData("ln(0)", "ln of a number that is not positive")]
    [InlineData("asin(2)", "no real value")]
    [InlineData("(-8)^(1/3)", "no integer")]
    [InlineData("log(10)", "write ln, log10 or log2")]
    [InlineData("fact(3)", "unknown name 'fact'; there are abs, acos")]
    [InlineData("sin 3", "write sin(…)")]
    [InlineData("atan2(1)", "atan2 takes two arguments, not 1")]
    [InlineData("round(1, 2, 3)", "round takes one or two arguments, not 3")]
    [InlineData("round(1, 0.5)", "whole number of places")]
    [InlineData("2^10^10", "At character 2 ('^10^10'): the result is too long: it would have some 3,010,299,957 digits.")]
    [InlineData("9^9^9^9", "too l")]
    [InlineData("1e999999999999999999999999", "too large")]
    [InlineData("exp(1000)", "too large")]
    [InlineData("1 / 0.5^20000", "division by zero, or by what is too near to it")]
    [InlineData("5%", "it ends where a number should follow")]
    [InlineData(".", "a point without digits")]
    [InlineData("😀", "'😀' stands where a number should")]
    [InlineData("1;2", "';' stands where an operator should")]
    public async Task Calculate_WhatItCannot_SaysWhereAndWhy(string expression, string said) =>
        (await _tool.RefusalAsync(new JsonObject { ["expression"] = expression })).ShouldContain(said);

    [Fact]
    public void Evaluate_DeepOrLong_RefusedBeforeTheStackEnds()
    {
        Refused(new string('(', 3_999)).ShouldContain("levels deep");
        Refused(new string('-', 3_999) + "1").ShouldContain("levels deep");
        Refused(string.Concat(Enumerable.Repeat("2^", 1_500)) + "2").ShouldContain("levels deep");
        Refused(string.Concat(Enumerable.Repeat("abs(", 900))).ShouldContain("levels deep");
        Refused(new string('1', 4_001)).ShouldContain("4,001 characters");
        Expression.Evaluate(new string('(', 150) + "1" + new string(')', 150)).ToString().ShouldBe("1");
        Expression.Evaluate(new string('9', 4_000)).ToString().ShouldBe(new string('9', 4_000));

        static string Refused(string expression) => Should.Throw<CalculationException>(() => Expression.Evaluate(expression)).Message;
    }

    [Fact]
    public void Evaluate_SumsAndProducts_AsDecimalDoesIt()
    {
        var literal = Gen.Select(Gen.Int[-9_999, 9_999], Gen.Int[0, 2], (n, places) => n / (decimal)Math.Pow(10, places));
        var tail = Gen.Select(Gen.OneOf('+', '-', '*'), literal).Array[0, 5];
        Gen.Select(literal, tail).Sample((first, rest) =>
        {
            // Grouped from the left by hand, for decimal has no precedence.
            var (text, value) = (Written(first), first);
            foreach (var (operation, right) in rest)
            {
                text = $"({text}) {operation} {Written(right)}";
                value = operation switch { '+' => value + right, '-' => value - right, _ => value * right };
            }

            return decimal.Parse(Expression.Evaluate(text).ToString(), CultureInfo.InvariantCulture) == value;
        });
    }

    [Fact]
    public void Evaluate_Integers_AsBigIntegerDoesIt() =>
        Gen.Select(Gen.Long, Gen.Long, Gen.Long.Where(n => n != 0), Gen.Int[0, 60]).Sample((a, b, c, power) =>
            Expression.Evaluate($"({a} + {b}) * ({c}) ^ {power} - ({a}) % ({c})").ToString()
                == (((a + (BigInteger)b) * BigInteger.Pow(c, power)) - BigInteger.Remainder(a, c)).ToString(CultureInfo.InvariantCulture));

    [Fact]
    public void Evaluate_Fractions_RoundedAsDoubleDoesIt() =>
        Gen.Select(Gen.Double[1e-300, 1e300], Gen.Bool).Sample((value, negative) =>
        {
            // Seventeen digits name a double; what is read exactly must come back to it.
            var given = negative ? -value : value;
            var exact = Expression.Evaluate($"({given.ToString("E16", CultureInfo.InvariantCulture)})");
            return exact.ToDouble().Equals(given);
        });

    [Fact]
    public void Evaluate_AnyText_ValueOrRefusal()
    {
        var piece = Gen.OneOf("1", "2.5", "9e9", "1e-9", "+", "-", "*", "/", "%", "^", "**", "(", ")", ",", " ", "pi", "e", "sqrt(", "round(", "max(", "log10(", ".", "x", "é", "\0");
        piece.Array[0, 30].Sample(pieces =>
        {
            try
            {
                return Expression.Evaluate(string.Concat(pieces)).ToString().Length > 0;
            }
            catch (CalculationException e)
            {
                return e.At >= 0;
            }
        });
    }

    private static string Written(decimal value) => $"({value.ToString(CultureInfo.InvariantCulture)})";
}
