using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.Http;

/// <summary>One value of the query or a header, none of which is ever required unless its doc says so.</summary>
/// <param name="In"><c>query</c> or <c>header</c>.</param>
/// <param name="Schema">A JSON schema; copied wherever it is put.</param>
internal sealed record ApiParameter(string Name, string In, string Doc, JsonObject Schema)
{
    public static readonly ApiParameter Limit = Number("limit", 1, 500, "How many at most; 50 if left out.");

    public static readonly ApiParameter Cursor = Text("cursor", "The 'next' of the page before; left out for the first.");

    public static ApiParameter Text(string name, string doc) => new(name, "query", doc, new JsonObject { ["type"] = "string" });

    public static ApiParameter Number(string name, int least, int most, string doc) =>
        new(name, "query", doc, new JsonObject { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most });

    public static ApiParameter Flag(string name, string doc) => new(name, "query", doc, new JsonObject { ["type"] = "boolean" });

    public static ApiParameter OneOf(string name, string doc, params string[] values) =>
        new(name, "query", doc, new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]) });

    public static ApiParameter Header(string name, string doc) => new(name, "header", doc, new JsonObject { ["type"] = "string" });
}
