namespace ProtoAgent.Agent.Tools;

/// <summary>Where a text may be cut.</summary>
public static class SafeCut
{
    /// <summary>The index itself, or the one before where it would part a surrogate pair.</summary>
    public static int Before(ReadOnlySpan<char> text, int index) => PartsPair(text, index) ? index - 1 : index;

    /// <summary>The index itself, or the one behind where it would part a surrogate pair.</summary>
    public static int After(ReadOnlySpan<char> text, int index) => PartsPair(text, index) ? index + 1 : index;

    private static bool PartsPair(ReadOnlySpan<char> text, int index) =>
        index > 0 && index < text.Length && char.IsHighSurrogate(text[index - 1]) && char.IsLowSurrogate(text[index]);
}
