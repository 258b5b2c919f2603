using System.Globalization;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>A response's id is its turn's, said in OpenAI's way: what is in the file is found by it after a restart, and nothing else is kept.</summary>
internal static class ResponseIds
{
    private const string Prefix = "resp_";

    public static string Of(string turnId) => Prefix + Short(turnId);

    public static string Item(string kind, string turnId, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{Short(turnId)}_{index}");

    /// <summary>Null for what is no response's id.</summary>
    public static string? TurnOf(string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && Guid.TryParseExact(id.AsSpan(Prefix.Length), "N", out var turn) ? turn.ToString() : null;

    private static string Short(string turnId) => turnId.Replace("-", "", StringComparison.Ordinal);
}
