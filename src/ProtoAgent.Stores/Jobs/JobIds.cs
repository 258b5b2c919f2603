namespace ProtoAgent.Stores.Jobs;

/// <summary>What may be a job's id: it stands in addresses and on command lines as it is.</summary>
public static class JobIds
{
    public const int MaxLength = 128;

    /// <summary>What is wrong with it, and what to do; null when nothing is.</summary>
    public static string? Problem(string id) =>
        id.Length is > 0 and <= MaxLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && id is not ("." or "..")
            ? null
            : $"A job's id has 1 to {MaxLength} of the characters A-Z a-z 0-9 . _ -, and is not dots alone. Choose another, or leave it out to get one.";
}
