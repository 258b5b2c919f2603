using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>
/// A call as a model wrote it. Models break their JSON now and then: such a call keeps its name and id, says what is wrong in
/// <see cref="FunctionCallContent.Exception"/>, and carries what was written, so that the model can be told; said again to an endpoint it has no arguments.
/// </summary>
internal static class ToolArguments
{
    /// <summary>Where a call that can't be read carries its raw text, among its additional properties.</summary>
    public const string Raw = "arguments";

    /// <param name="text">Blank is a call without arguments.</param>
    public static FunctionCallContent Read(string callId, string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new FunctionCallContent(callId, name, new Dictionary<string, object?>(StringComparer.Ordinal));
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var property in document.RootElement.EnumerateObject())
                {
                    arguments[property.Name] = property.Value.Clone();
                }

                return new FunctionCallContent(callId, name, arguments);
            }

            return Unreadable(callId, name, text, new JsonException("The arguments must be a JSON object."));
        }
        catch (JsonException e)
        {
            return Unreadable(callId, name, text, e);
        }
    }

    /// <summary>The arguments as JSON; of a call that can't be read, what was written.</summary>
    public static string Text(FunctionCallContent call)
    {
        if (call.Exception is not null)
        {
            return call.AdditionalProperties?.GetValueOrDefault(Raw) as string ?? "";
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
            {
                writer.WritePropertyName(name);
                if (value is JsonElement element)
                {
                    element.WriteTo(writer);
                }
                else
                {
                    // Our own calls carry text alone.
                    writer.WriteStringValue(value?.ToString());
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static FunctionCallContent Unreadable(string callId, string name, string text, JsonException why) => new(callId, name, new Dictionary<string, object?>(StringComparer.Ordinal))
    {
        Exception = why,
        AdditionalProperties = new AdditionalPropertiesDictionary { [Raw] = text },
    };
}
