namespace ProtoAgent.Agent.Network;

/// <summary>What one download may take, and what of it is wanted.</summary>
public sealed record DownloadLimits
{
    /// <summary>Of the body, once decompressed; the rest is left unread. 1 to 2³¹-1.</summary>
    public int MaxBytes { get; init; } = 5 << 20;

    /// <summary>From the first lookup to the last byte, redirects included. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The <c>Accept</c> header.</summary>
    public string Accept { get; init; } = "*/*";

    /// <summary>Whether a body of this media type (lower case; null when the server names none) is to be read.</summary>
    public Func<string?, bool> Wants { get; init; } = _ => true;
}

/// <summary>One answer.</summary>
/// <param name="Url">The one that answered, after redirects.</param>
/// <param name="MediaType">Lower case, without parameters. Null when the server names none.</param>
/// <param name="Charset">As the server names it.</param>
/// <param name="Length">In bytes as sent; null when the server doesn't say.</param>
/// <param name="Body">Decompressed. Empty when its type was not wanted; its first 4 KiB when <paramref name="Status"/> is no success.</param>
/// <param name="Truncated">There was more of the body.</param>
public sealed record Download(Uri Url, int Status, string? MediaType, string? Charset, long? Length, ReadOnlyMemory<byte> Body, bool Truncated)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}
