namespace ProtoAgent.Agent.Tools.Calculator;

/// <summary>An expression that has no value.</summary>
/// <param name="at">Index of the character it is about.</param>
internal sealed class CalculationException(string message, int at) : Exception(message)
{
    public int At { get; } = at;
}
