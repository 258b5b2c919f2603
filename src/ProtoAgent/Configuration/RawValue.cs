namespace ProtoAgent.Configuration;

/// <summary>A value as it was written, and where.</summary>
/// <param name="Text">Of a scalar; null when the value is a list or an explicit nothing.</param>
/// <param name="Items">Of a list.</param>
/// <param name="Origin">File and line, variable or flag, for messages.</param>
internal sealed record RawValue(string? Text, IReadOnlyList<string>? Items, ConfigLayer Layer, string Origin)
{
    public bool IsNull => Text is null && Items is null;

    /// <summary>Never the value: it may be a secret.</summary>
    public override string ToString() => Origin;
}
