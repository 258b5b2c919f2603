using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Events;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The settings: what they are, where each comes from, and the instance's own files written.</summary>
internal sealed class ConfigEndpoints(ConfigDoor configuration, EventBus events)
{
    public static void Map(IEndpointRouteBuilder routes, ConfigDoor configuration, EventBus events)
    {
        var endpoints = new ConfigEndpoints(configuration, events);
        routes.MapGet("/api/config", (RequestDelegate)endpoints.EffectiveAsync)
            .Describe("The settings, nested as in the file; secrets masked.", answer: OperatorJson.Default.JsonObject);
        routes.MapGet("/api/config/explain", (RequestDelegate)endpoints.ExplainAsync)
            .Describe("Every setting: its value, its default, what it is for, and the layer it comes from.", answer: ConfigJson.Default.Explanation).Pages();
        routes.MapPut("/api/config", (RequestDelegate)endpoints.WriteAsync)
            .Describe("Writes settings into the instance's own config.yaml, secrets into secrets.yaml. Null takes one out.", ConfigJson.Default.WriteRequest, needs: "values", answer: ConfigJson.Default.ConfigWritten);
    }

    /// <summary>The values, nested as in the file.</summary>
    private Task EffectiveAsync(HttpContext context)
    {
        var root = new JsonObject();
        foreach (var field in configuration.Fields())
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
        var (items, next) = ListPage.Of(context, configuration.Fields(), f => f.Key);
        return JsonReply.WriteAsync(context, new Explanation(items, next), ConfigJson.Default.Explanation);
    }

    private async Task WriteAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, ConfigJson.Default.WriteRequest);
        if (request.Values is not { Count: > 0 } given)
        {
            throw JsonBody.Missing("values", "it holds settings by their dotted keys, such as {\"model.name\": \"qwen3\"}; null takes one out.");
        }

        try
        {
            var written = configuration.Write(given.ToDictionary(v => v.Key, v => Value(v.Key, v.Value), StringComparer.Ordinal));
            events.Publish("config.changed", new Changed(written.Written, written.RestartRequired), ConfigJson.Default.Changed);
            await JsonReply.WriteAsync(context, written, ConfigJson.Default.ConfigWritten);
        }
        catch (ConfigRefusedException e)
        {
            await JsonReply.WriteAsync(
                context, new Refusal("about:blank", "Bad Request", StatusCodes.Status400BadRequest, $"Nothing was written. {e.Message}", "config_refused", context.Request.Path, e.Problems),
                ConfigJson.Default.Refusal, StatusCodes.Status400BadRequest, "application/problem+json");
        }
    }

    private static ConfigValue? Value(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => new ConfigValue(value.GetString(), null),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => new ConfigValue(value.GetRawText(), null),
        JsonValueKind.Array when value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String && i.GetString()!.Length > 0) => new ConfigValue(null, [.. value.EnumerateArray().Select(i => i.GetString()!)]),
        _ => throw new ApiException(StatusCodes.Status400BadRequest, "bad_value", $"The value of '{key}' must be text, a number, true or false, a list of text, or null.", key),
    };

    internal sealed record Explanation(IReadOnlyList<ConfigField> Items, string? Next);

    internal sealed record WriteRequest(IReadOnlyDictionary<string, JsonElement>? Values);

    internal sealed record Changed(IReadOnlyList<string> Written, IReadOnlyList<string> RestartRequired);

    /// <summary>A problem (RFC 9457) with all that is wrong.</summary>
    internal sealed record Refusal(string Type, string Title, int Status, string Detail, string Code, string Instance, IReadOnlyList<string> Errors);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ConfigEndpoints.Explanation))]
[JsonSerializable(typeof(ConfigEndpoints.WriteRequest))]
[JsonSerializable(typeof(ConfigEndpoints.Changed))]
[JsonSerializable(typeof(ConfigEndpoints.Refusal))]
[JsonSerializable(typeof(ConfigWritten))]
[JsonSerializable(typeof(ModelSetupEndpoints.Found))]
[JsonSerializable(typeof(ModelSetupEndpoints.Trial))]
[JsonSerializable(typeof(ModelGiven))]
internal sealed partial class ConfigJson : JsonSerializerContext;
