using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace ProtoAgent.Protocols.Http;

/// <summary>The JSON schemas of what goes in and out, each object once, under a name.</summary>
internal sealed class ApiSchemas
{
    private const string Place = "#/components/schemas/";

    private readonly Dictionary<Type, string> _names = [];

    /// <summary>Name to schema.</summary>
    public SortedDictionary<string, JsonNode> Named { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema, which for an object only says where that stands.</summary>
    public JsonNode Of(JsonTypeInfo type) =>
        JsonSchemaExporter.GetJsonSchemaAsNode(type.Options, type.Type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Lift });

    /// <summary>From the inside out, so what an object holds is lifted before it is itself.</summary>
    private JsonNode Lift(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(DateTimeOffset))
        {
            // Written by a converter of ours, of which the exporter knows nothing.
            return new JsonObject { ["type"] = context.TypeInfo.Type == type ? "string" : new JsonArray("string", "null"), ["format"] = "date-time" };
        }

        if (context.TypeInfo.Kind != JsonTypeInfoKind.Object || schema is not JsonObject whole)
        {
            return schema;
        }

        var name = NameOf(type);
        var isNullable = Admits(whole, "null");

        // An object within itself comes as a reference already, to a place that is none in this document.
        if (!whole.ContainsKey("$ref"))
        {
            whole["type"] = "object";
            Relax(whole);
            Named[name] = whole.DeepClone();
        }

        var reference = new JsonObject { ["$ref"] = Place + name };
        return isNullable ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) } : reference;
    }

    /// <summary>A property that may be null may be left out: the exporter asks for every parameter of a constructor.</summary>
    private static void Relax(JsonObject schema)
    {
        if (schema["required"] is not JsonArray required)
        {
            return;
        }

        var properties = schema["properties"]!.AsObject();
        schema.Remove("required");
        var left = required.Select(r => r!.GetValue<string>()).Where(r => !Admits(properties[r], "null")).ToList();
        if (left.Count > 0)
        {
            schema["required"] = new JsonArray([.. left.Select(r => (JsonNode)r)]);
        }
    }

    private static bool Admits(JsonNode? schema, string type) => schema switch
    {
        JsonValue anything => anything.GetValueKind() == JsonValueKind.True,
        JsonObject o when o["type"] is JsonArray types => types.Any(t => t!.GetValue<string>() == type),
        JsonObject o when o["anyOf"] is JsonArray any => any.Any(a => Admits(a, type)),
        JsonObject { Count: 0 } => true,
        JsonObject o => o["type"]?.GetValue<string>() == type,
        _ => false,
    };

    /// <summary>Nested types are named for the endpoints they stand in: <c>ChatTurn</c> is none of telemetry's.</summary>
    private string NameOf(Type type)
    {
        if (_names.TryGetValue(type, out var known))
        {
            return known;
        }

        var outer = type.DeclaringType is { } around ? around.Name.Replace("Endpoints", "", StringComparison.Ordinal) : "";
        var plain = type.Name.Split('`')[0];
        var shared = Math.Min(outer.Length, plain.Length);
        while (!outer.EndsWith(plain[..shared], StringComparison.Ordinal))
        {
            shared--;
        }

        var wanted = outer + plain[shared..];
        var name = wanted;
        for (var i = 2; _names.ContainsValue(name); i++)
        {
            name = $"{wanted}{i}";
        }

        return _names[type] = name;
    }
}
