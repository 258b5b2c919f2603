using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>A tool's answer as text. What is no text is described: nothing is dropped without a word.</summary>
internal static class McpContent
{
    public static string Text(CallToolResult result)
    {
        var parts = result.Content.Select(Text).ToList();

        // The protocol asks servers to send structured content as text too; then once is enough.
        if (result.StructuredContent is { } structured && !result.Content.OfType<TextContentBlock>().Any(t => IsSame(t.Text, structured)))
        {
            parts.Add(structured.GetRawText());
        }

        return parts.Count == 0 ? "(The tool answered without any content.)" : string.Join("\n", parts);
    }

    private static string Text(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => $"[an image, {image.MimeType}, {Size(image.Data)}: it can't be shown here]",
        AudioContentBlock audio => $"[a sound, {audio.MimeType}, {Size(audio.Data)}: it can't be played here]",
        EmbeddedResourceBlock { Resource: TextResourceContents text } => $"[resource {text.Uri}{Kind(text.MimeType)}]\n{text.Text}",
        EmbeddedResourceBlock { Resource: BlobResourceContents blob } => $"[resource {blob.Uri}{Kind(blob.MimeType)}, {Size(blob.Blob)}: it can't be shown here]",
        ResourceLinkBlock link => $"[link to the resource {link.Uri}{Kind(link.MimeType)}: {link.Title ?? link.Name}{(link.Description is { } about ? $", {about}" : "")}]",
        _ => $"[content of the type '{block.Type}', which can't be shown here]",
    };

    private static string Kind(string? mimeType) => mimeType is null ? "" : $", {mimeType}";

    /// <param name="base64">As it came over the wire: decoding it only to count would double it.</param>
    private static string Size(ReadOnlyMemory<byte> base64)
    {
        var padding = base64.Span.Length - base64.Span.TrimEnd((byte)'=').Length;
        return $"{Math.Max(0, (base64.Length / 4 * 3) - padding)} bytes";
    }

    private static bool IsSame(string text, JsonElement structured)
    {
        try
        {
            using var parsed = JsonDocument.Parse(Encoding.UTF8.GetBytes(text));
            return JsonElement.DeepEquals(parsed.RootElement, structured);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
