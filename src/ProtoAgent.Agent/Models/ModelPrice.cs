namespace ProtoAgent.Agent.Models;

/// <summary>What a model's tokens cost, in USD per million. Input that an endpoint took from its cache counts as any other.</summary>
public sealed record ModelPrice(decimal InputPerMillion, decimal OutputPerMillion)
{
    private const decimal Million = 1_000_000;

    /// <summary>In USD, of one or many calls.</summary>
    public decimal Cost(long input, long output) => ((input * InputPerMillion) + (output * OutputPerMillion)) / Million;
}
