using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary><c>calculator</c>: models are poor at arithmetic, and sound sure of it.</summary>
public sealed class CalculatorTool() : TypedTool<CalculatorTool.Arguments>(
    "calculator",
    "Works out an arithmetic expression exactly where that is possible; '≈' stands before a rounded result. Operators: + - * / ^ (or **, a power) and "
    + "% (remainder, with the sign of the left side). Functions: abs, floor, ceil, round(x, places), min, max, sqrt, pow, exp, ln, log10, log2, "
    + "sin, cos, tan, asin, acos, atan, atan2 (radians). Constants: pi, e.",
    CalculatorJson.Default.Arguments)
{
    private const int Around = 20;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(new ToolResult(Expression.Evaluate(arguments.Expression).ToString()));
        }
        catch (CalculationException e)
        {
            throw new ToolException($"At character {e.At + 1}{Near(arguments.Expression, e.At)}: {e.Message}.", e);
        }
    }

    private static string Near(string text, int at)
    {
        var piece = at < text.Length ? text[at..SafeCut.Before(text, Math.Min(text.Length, at + Around))] : "";
        return piece.Length == 0 ? " (the end)" : $" ('{piece}')";
    }

    public sealed record Arguments
    {
        [Description("For example '(1250.50 * 1.19 - 3) / 12' or '2^64'.")]
        public required string Expression { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CalculatorTool.Arguments))]
internal sealed partial class CalculatorJson : JsonSerializerContext;
