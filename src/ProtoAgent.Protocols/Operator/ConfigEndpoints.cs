using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

internal sealed class ConfigEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new ConfigEndpoints(services);
        routes.MapGet("/api/config", (RequestDelegate)endpoints.EffectiveAsync)
            .Describe("The effective configuration, nested as in the file, secrets masked.", answer: OperatorJson.Default.JsonObject);
        routes.MapGet("/api/config/explain", (RequestDelegate)endpoints.ExplainAsync)
            .Describe("Each value, the layer it came from, and its doc.", answer: OperatorJson.Default.Explanation).Pages();
    }

    /// <summary>The effective values, nested as in the file.</summary>
    private Task EffectiveAsync(HttpContext context)
    {
        var root = new JsonObject();
        foreach (var field in services.Configuration)
        {
            var group = root;
            var names = field.Key.Split('.');
            foreach (var name in names[..^1])
            {
                group[name] ??= new JsonObject();
                group = group[name]!.AsObject();
            }

            group[names[^1]] = field.Value is null ? null : JsonValue.Create(field.Value);
        }

        return JsonReply.WriteAsync(context, root, OperatorJson.Default.JsonObject);
    }

    private Task ExplainAsync(HttpContext context)
    {
        var (items, next) = ListPage.Of(context, services.Configuration, f => f.Key);
        return JsonReply.WriteAsync(context, new Explanation(items, next), OperatorJson.Default.Explanation);
    }

    internal sealed record Explanation(IReadOnlyList<ConfigField> Items, string? Next);
}
