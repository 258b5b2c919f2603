using System.Text;
using System.Text.Json;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>What a message holds, in the words of either API: text, pictures, files.</summary>
internal sealed class ContentParts
{
    private readonly StringBuilder _text = new();
    private readonly List<Attachment> _attachments = [];

    public string Text => _text.ToString();

    public IReadOnlyList<Attachment> Attachments => _attachments;

    /// <exception cref="ApiException">400 naming the part: what can't be read is refused, never left out.</exception>
    public static ContentParts Read(JsonElement? content, string field)
    {
        var read = new ContentParts();
        switch (content?.ValueKind)
        {
            case JsonValueKind.String:
                read._text.Append(content.Value.GetString());
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var part in content.Value.EnumerateArray())
                {
                    read.Add(part, $"{field}[{i++}]");
                }

                break;
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                break;
            default:
                throw Fields.Bad(field, "The content must be text, or an array of parts.");
        }

        return read;
    }

    /// <summary>Text alone: what the system, the assistant and a tool say.</summary>
    public static string ReadText(JsonElement? content, string field)
    {
        var read = Read(content, field);
        return read._attachments.Count == 0 ? read.Text : throw Fields.Bad(field, "Only a user's message may hold pictures or files. Send them in one.");
    }

    private void Add(JsonElement part, string field)
    {
        switch (Fields.Text(part, "type"))
        {
            case "text" or "input_text" or "output_text":
                _text.Append(Fields.Text(part, "text") ?? throw Fields.Bad($"{field}.text", "The part has no text."));
                break;
            case "refusal":
                _text.Append(Fields.Text(part, "refusal"));
                break;
            case "image_url":
                var image = part.TryGetProperty("image_url", out var given) ? given : default;
                _attachments.Add(Picture(image.ValueKind == JsonValueKind.String ? image.GetString() : Fields.Text(image, "url"), Fields.Text(image, "detail"), $"{field}.image_url"));
                break;
            case "input_image":
                _attachments.Add(Picture(Fields.Text(part, "image_url"), Fields.Text(part, "detail"), $"{field}.image_url"));
                break;
            case "file":
                AddFile(part.TryGetProperty("file", out var file) ? file : default, $"{field}.file");
                break;
            case "input_file":
                AddFile(part, field);
                break;
            case null:
                throw Fields.Bad(field, "Each part of the content must be an object with a type.");
            case "input_audio":
                throw Fields.Bad(field, "Sound can't be heard here. Send what was said as text.");
            case var other:
                throw Fields.Bad(field, $"A part of type '{other}' can't be read here; text, pictures and files can.");
        }
    }

    /// <summary>Of one behind an address nothing is fetched here: the model's endpoint does that.</summary>
    private static Attachment Picture(string? url, string? detail, string field)
    {
        if (url is null)
        {
            throw Fields.Bad(field, "The picture has no url. Send a data: URL, or an address of http or https; files kept elsewhere (file_id) are not known here.");
        }

        if (detail is not (null or "auto" or "low" or "high"))
        {
            throw Fields.Bad($"{field}.detail", "detail must be auto, low or high.");
        }

        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var at) && at.Scheme is "http" or "https"
                ? Attachment.At("image/*", at) with { Detail = detail }
                : throw Fields.Bad(field, "The picture's url must be a data: URL, or an address of http or https.");
        }

        var (type, bytes) = DataUrl(url, field);
        return type.StartsWith("image/", StringComparison.Ordinal)
            ? Attachment.Of(type, bytes) with { Detail = detail }
            : throw Fields.Bad(field, $"'{type}' is no picture. Send a document as a file.");
    }

    private void AddFile(JsonElement file, string field)
    {
        var data = Fields.Text(file, "file_data") ?? throw Fields.Bad(
            $"{field}.file_data", "The file's content is missing. Send it as a data: URL in file_data; files kept elsewhere (file_id, file_url) are not fetched here.");
        var name = Fields.Text(file, "filename");
        var (type, bytes) = data.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? DataUrl(data, $"{field}.file_data") : (ByName(name), Bytes(data, $"{field}.file_data"));
        if (type == "application/pdf" || type.StartsWith("image/", StringComparison.Ordinal))
        {
            _attachments.Add(Attachment.Of(type, bytes, name));
        }
        else if (type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/xml" or "application/yaml")
        {
            _text.Append(_text.Length > 0 ? "\n\n" : "").Append($"<file name=\"{name ?? "file"}\">\n{Encoding.UTF8.GetString(bytes)}\n</file>\n");
        }
        else
        {
            throw Fields.Bad(field, $"A file of type '{type}' can't be shown to a model: PDF, pictures and text can. Take other documents in with POST /api/knowledge/ingest.");
        }
    }

    private static string ByName(string? name) => Path.GetExtension(name)?.ToLowerInvariant() switch
    {
        ".pdf" => "application/pdf",
        ".txt" or ".md" or ".csv" or ".log" => "text/plain",
        ".json" => "application/json",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    };

    /// <summary>RFC 2397, in base64 alone: what clients send.</summary>
    private static (string Type, byte[] Bytes) DataUrl(string url, string field)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? "" : url["data:".Length..comma];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            throw Fields.Bad(field, "The data: URL must name its type and be in base64: data:image/png;base64,…");
        }

        var type = head.Split(';')[0].Trim().ToLowerInvariant();
        return (type.Contains('/', StringComparison.Ordinal) ? type : throw Fields.Bad(field, "The data: URL must name its type: data:image/png;base64,…"), Bytes(url[(comma + 1)..], field));
    }

    private static byte[] Bytes(string base64, string field)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            throw Fields.Bad(field, "What is behind the comma is not base64.");
        }
    }
}
