namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>
/// ProtoJSON's rule of presence: a field that holds its type's default is not there. So that a message read and written again is the same,
/// and nobody below tells <c>""</c> and <c>[]</c> from nothing.
/// </summary>
internal static class Proto
{
    public static string? Unset(string? value) => value is "" ? null : value;

    public static IReadOnlyList<T>? Unset<T>(IReadOnlyList<T>? value) => value is { Count: > 0 } ? value : null;

    public static IReadOnlyDictionary<string, T>? Unset<T>(IReadOnlyDictionary<string, T>? value) => value is { Count: > 0 } ? value : null;

    public static bool? Unset(bool? value) => value is true ? true : null;
}
