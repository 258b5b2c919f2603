using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Threads;

/// <summary>What is shown beside a message: a picture, a document. Kept in the thread with it, bytes and all, so that it goes where the thread goes.</summary>
/// <param name="MediaType">As in <c>image/png</c>; <c>image/*</c> where only the kind is known.</param>
public sealed record Attachment(string MediaType)
{
    /// <summary>The thing itself; null if it is only named.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>Where it is, http or https. Nothing here fetches it: the model's endpoint does, or refuses to.</summary>
    public Uri? Uri { get; init; }

    /// <summary>As a person calls it.</summary>
    public string? Name { get; init; }

    /// <summary>How closely to look: <c>low</c>, <c>high</c> or <c>auto</c>. Null leaves it to the model.</summary>
    public string? Detail { get; init; }

    public static Attachment Of(string mediaType, ReadOnlyMemory<byte> data, string? name = null) => new(mediaType) { Data = data, Name = name };

    public static Attachment At(string mediaType, Uri uri, string? name = null) => new(mediaType) { Uri = uri, Name = name };

    internal int Bytes => Data?.Length ?? 0;

    /// <summary>In a word, for people and for models that can't see.</summary>
    public override string ToString() => $"{(Name is { Length: > 0 } name ? $"{name}, " : "")}{MediaType}{(Data is { } data ? $", {data.Length} bytes" : Uri is { } at ? $", {at}" : "")}";

    internal AIContent ToContent()
    {
        AIContent content = Data is { } data ? new DataContent(data, MediaType) { Name = Name } : new UriContent(Uri!, MediaType);
        if (Detail is { } detail)
        {
            content.AdditionalProperties = new AdditionalPropertiesDictionary { ["detail"] = detail };
        }

        return content;
    }
}
