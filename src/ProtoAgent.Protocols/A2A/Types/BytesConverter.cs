using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Bytes as ProtoJSON has them: base64 is written; the URL-safe alphabet and missing padding are read as well.</summary>
internal sealed class BytesConverter : JsonConverter<byte[]>
{
    public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TryGetBytesFromBase64(out var bytes))
        {
            return bytes;
        }

        var text = reader.GetString()!.Replace('+', '-').Replace('/', '_').TrimEnd('=');
        return Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : throw new JsonException("Is not base64.");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);
}
