using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProtoAgent.Agent.Records;

/// <summary>Redaction of a text that is JSON: each name and value for itself, as it reads without its escapes.</summary>
internal static class JsonRedaction
{
    /// <summary>JSON in a text in JSON in a text: deeper than this it is taken as text.</summary>
    private const int Deepest = 4;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same JSON without its secrets; null if it is not an object or a list.</summary>
    public static string? TryRedact(string text, Func<string, string> redact) => TryRedact(text, redact, 0);

    private static string? TryRedact(string text, Func<string, string> redact, int depth)
    {
        if (depth == Deepest || text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            var buffer = new ArrayBufferWriter<byte>();
            var changed = false;
            using (var writer = new Utf8JsonWriter(buffer, s_options))
            {
                changed = Write(json.RootElement, writer, redact, depth);
            }

            return changed ? Encoding.UTF8.GetString(buffer.WrittenSpan) : text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON; or half a surrogate pair in it, which has no form as text.
            return null;
        }
    }

    /// <returns>Whether anything was taken out.</returns>
    private static bool Write(JsonElement value, Utf8JsonWriter writer, Func<string, string> redact, int depth)
    {
        var changed = false;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    var name = redact(property.Name);
                    changed |= name != property.Name;
                    writer.WritePropertyName(name);
                    if (SecretNames.Calls(property.Name) && property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Array)
                    {
                        writer.WriteStringValue(Redactor.Mark);
                        changed = true;
                    }
                    else
                    {
                        changed |= Write(property.Value, writer, redact, depth);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    changed |= Write(item, writer, redact, depth);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                var text = value.GetString()!;
                var clean = TryRedact(text, redact, depth + 1) ?? redact(text);
                writer.WriteStringValue(clean);
                changed = clean != text;
                break;
            case JsonValueKind.Number:
                var digits = value.GetRawText();
                changed = redact(digits) != digits;
                if (changed)
                {
                    writer.WriteStringValue(Redactor.Mark);
                }
                else
                {
                    writer.WriteRawValue(digits);
                }

                break;
            default:
                value.WriteTo(writer);
                break;
        }

        return changed;
    }
}
