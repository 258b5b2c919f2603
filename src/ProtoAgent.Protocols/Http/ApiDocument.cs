using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// The HTTP surface as OpenAPI 3.1, made from the routes themselves. Microsoft.AspNetCore.OpenApi reads the signatures of handlers,
/// and describes no route that has none (<c>EndpointMetadataApiDescriptionProvider</c> asks each for its <c>MethodInfo</c>); with all of it
/// written beside the routes anyway, what would be left for that package is the writing of this file.
/// </summary>
internal sealed class ApiDocument
{
    private readonly ApiSchemas _schemas = new();

    private ApiDocument()
    {
    }

    public static JsonObject Of(IEnumerable<Endpoint> endpoints, string title, string version)
    {
        var document = new ApiDocument();
        var paths = document.Paths(endpoints);
        document._schemas.Of(ProblemJson.Default.Problem);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = title,
                ["version"] = version,
                ["description"] = "JSON in snake_case, times in UTC. Lists answer {items, next} and take limit and cursor. Errors are problems (RFC 9457) with a stable code.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["description"] = "auth.token opens everything, auth.federation_token /a2a and /v1 alone. An instance without a token listens on loopback and asks for none.",
                    },
                },
                ["schemas"] = new JsonObject(document._schemas.Named.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
            },
        };
    }

    /// <summary>As OpenAPI writes it: without what routing alone needs to know.</summary>
    public static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        _ => "",
    }))));

    private JsonObject Paths(IEnumerable<Endpoint> endpoints)
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var endpoint in endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<ApiDoc>() is not { } doc)
            {
                continue;
            }

            var path = PathOf(endpoint.RoutePattern);
            var operations = paths.TryGetValue(path, out var known) ? known : paths[path] = [];
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                operations[method.ToLowerInvariant()] = Operation(endpoint, doc, method, path);
            }
        }

        return new JsonObject(paths.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
    }

    private JsonObject Operation(RouteEndpoint endpoint, ApiDoc doc, string method, string path)
    {
        var operation = new JsonObject { ["operationId"] = IdOf(method, path), ["tags"] = new JsonArray(TagOf(path)), ["summary"] = doc.Summary };
        if (doc.Notes is { } notes)
        {
            operation["description"] = notes;
        }

        if (BearerAuth.IsPublic(path))
        {
            operation["security"] = new JsonArray();
        }

        var parameters = new JsonArray([
            .. endpoint.RoutePattern.Parameters.Select(p => (JsonNode)new JsonObject { ["name"] = p.Name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } }),
            .. endpoint.Metadata.GetOrderedMetadata<ApiParameter>().Select(p => (JsonNode)new JsonObject { ["name"] = p.Name, ["in"] = p.In, ["description"] = p.Doc, ["schema"] = p.Schema.DeepClone() })]);
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        var bodies = endpoint.Metadata.GetOrderedMetadata<ApiBody>();
        if (bodies.Count > 0 && method is not ("GET" or "DELETE"))
        {
            operation["requestBody"] = new JsonObject { ["content"] = new JsonObject(bodies.Select(b => KeyValuePair.Create(b.MediaType, (JsonNode?)new JsonObject { ["schema"] = SchemaOf(b) }))) };
        }

        operation["responses"] = Responses(endpoint);
        return operation;
    }

    private JsonObject Responses(RouteEndpoint endpoint)
    {
        var responses = new JsonObject();
        IReadOnlyList<ApiAnswer> answers = endpoint.Metadata.GetOrderedMetadata<ApiAnswer>() is { Count: > 0 } given ? given : [new ApiAnswer(StatusCodes.Status204NoContent, null, "")];
        foreach (var group in answers.GroupBy(a => a.Status))
        {
            var response = new JsonObject { ["description"] = ReasonPhrases.GetReasonPhrase(group.Key) };
            var content = new JsonObject(group.Where(a => a.Type is not null || a.MediaType is not ("" or "application/json")).Select(a =>
                KeyValuePair.Create(a.MediaType, (JsonNode?)new JsonObject { ["schema"] = a.Type is null ? new JsonObject { ["type"] = "string" } : _schemas.Of(a.Type) })));
            if (content.Count > 0)
            {
                response["content"] = content;
            }

            responses[group.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }

        var (error, mediaType) = endpoint.Metadata.GetMetadata<ApiError>() is { } own ? (own.Type, own.MediaType) : (ProblemJson.Default.Problem, "application/problem+json");
        responses["default"] = new JsonObject
        {
            ["description"] = "What is wrong, where, and what to do.",
            ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = _schemas.Of(error) } },
        };
        return responses;
    }

    private JsonNode SchemaOf(ApiBody body)
    {
        var schema = body switch
        {
            { Type: { } type } => _schemas.Of(type),
            { MediaType: "multipart/form-data" } => new JsonObject { ["type"] = "object" },
            _ => new JsonObject { ["type"] = "string" },
        };
        return body.Needs.Count == 0 ? schema
            : new JsonObject { ["allOf"] = new JsonArray(schema, new JsonObject { ["required"] = new JsonArray([.. body.Needs.Select(n => (JsonNode)n)]) }) };
    }

    /// <summary>The surface, and of the operator API the resource.</summary>
    private static string TagOf(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", var resource, ..] => resource,
        [var surface, ..] => surface,
        _ => "console",
    };

    private static string IdOf(string method, string path)
    {
        var id = new StringBuilder(method.ToLowerInvariant());
        foreach (var word in path.Split(['/', '-', '_', '.', ':', '{', '}'], StringSplitOptions.RemoveEmptyEntries))
        {
            id.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1));
        }

        return id.ToString();
    }
}
