using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What a reader of the events wants to hear: topics as they are, or with <c>.*</c> all that begin so.</summary>
internal sealed class EventTopics
{
    private const int Most = 50;

    private readonly IReadOnlyList<string>? _topics;

    private EventTopics(IReadOnlyList<string>? topics) => _topics = topics;

    /// <param name="text">Comma-separated; null for all.</param>
    /// <exception cref="ApiException">One of them is none.</exception>
    public static EventTopics Parse(string? text)
    {
        if (text is null)
        {
            return new EventTopics(null);
        }

        var topics = text.Split(',', StringSplitOptions.TrimEntries);
        return topics.Length <= Most && Array.TrueForAll(topics, IsTopic)
            ? new EventTopics(topics)
            : throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_topics", $"topics are at most {Most}, comma-separated, such as 'turn.done,job.*'. Leave it out for all.", "topics");
    }

    public bool Has(string topic) => _topics is null || _topics.Any(t => t == "*" || t == topic || (t.EndsWith(".*", StringComparison.Ordinal) && topic.StartsWith(t.AsSpan(..^1), StringComparison.Ordinal)));

    private static bool IsTopic(string text) => text == "*"
        || (text.EndsWith(".*", StringComparison.Ordinal) ? text[..^2] : text) is { Length: > 0 } name && name.All(c => c is '.' or '_' || char.IsAsciiLetterLower(c));
}
