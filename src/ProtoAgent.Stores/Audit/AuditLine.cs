using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Stores.Audit;

/// <summary>One line to be: what happened, and the facts of it in their order. What is null is left out.</summary>
/// <param name="happened">snake_case: <c>tool_called</c>, <c>turn_ended</c>, …</param>
public sealed class AuditLine(string happened)
{
    /// <summary>The longest text of a field, in characters, after redaction; a longer one says how much is missing.</summary>
    public const int LongestText = 4000;

    // The file is read by people with less and grep: no \u0022 for a quotation mark.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<KeyValuePair<string, JsonValue>> _fields = [];

    public string Event => happened;

    public AuditLine With(string name, string? value) => Add(name, value is null ? null : JsonValue.Create(value));

    public AuditLine With(string name, long? value) => Add(name, value is { } v ? JsonValue.Create(v) : null);

    /// <summary>Not a number and the infinities have no form in JSON, and are left out.</summary>
    public AuditLine With(string name, double? value) => Add(name, value is { } v && double.IsFinite(v) ? JsonValue.Create(v) : null);

    public AuditLine With(string name, bool? value) => Add(name, value is { } v ? JsonValue.Create(v) : null);

    /// <summary>As it stands in the file, with its newline.</summary>
    internal ArrayBufferWriter<byte> Write(DateTimeOffset at, Func<string, string> redact)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("event", happened);
            foreach (var (name, value) in _fields)
            {
                json.WritePropertyName(name);
                if (value.TryGetValue(out string? text))
                {
                    // As bytes: half a surrogate pair becomes U+FFFD, where the writer itself would throw.
                    json.WriteStringValue(Encoding.UTF8.GetBytes(Cut(redact(text))));
                }
                else
                {
                    value.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer;
    }

    private AuditLine Add(string name, JsonValue? value)
    {
        if (value is not null)
        {
            _fields.Add(new(name, value));
        }

        return this;
    }

    private static string Cut(string text)
    {
        if (text.Length <= LongestText)
        {
            return text;
        }

        var kept = char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText;
        return $"{text.AsSpan(0, kept)}… ({text.Length - kept} more characters)";
    }
}
