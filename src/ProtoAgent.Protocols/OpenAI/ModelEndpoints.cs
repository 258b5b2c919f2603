using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

internal sealed class ModelEndpoints(OpenAIServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OpenAIServices services)
    {
        var endpoints = new ModelEndpoints(services);
        routes.MapGet("/v1/models", (RequestDelegate)endpoints.ListAsync)
            .Describe("The agent's name and its configured models.", answer: OpenAIJson.Default.ModelList).Fails(OpenAIJson.Default.ErrorAnswer);

        // A model's name may hold slashes (meta-llama/Llama-3).
        routes.MapGet("/v1/models/{**id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One of them.", answer: OpenAIJson.Default.ModelItem).Fails(OpenAIJson.Default.ErrorAnswer);
    }

    /// <summary>The model a request may ask for by this name; null is the default one.</summary>
    /// <exception cref="ApiException">404 for a name that is neither the agent's nor a configured model's.</exception>
    public static string? Resolve(OpenAIServices services, string? name) =>
        string.IsNullOrEmpty(name) || name == services.AgentName ? null
        : services.Models.Names.Contains(name) ? name
        : throw new ApiException(
            StatusCodes.Status404NotFound, "model_not_found", $"The model '{name}' does not exist here. There is: {string.Join(", ", Names(services))}.", "model");

    private Task ListAsync(HttpContext context) =>
        JsonReply.WriteAsync(context, new ModelList("list", [.. Names(services).Select(Item)]), OpenAIJson.Default.ModelList);

    private Task GetAsync(HttpContext context)
    {
        var id = (string?)context.GetRouteValue("id") ?? "";
        Resolve(services, id);
        return JsonReply.WriteAsync(context, Item(id), OpenAIJson.Default.ModelItem);
    }

    private ModelItem Item(string id) => new(id, "model", services.StartedAt.ToUnixTimeSeconds(), "protoagent");

    private static IEnumerable<string> Names(OpenAIServices services) => services.Models.Names.Prepend(services.AgentName).Distinct();
}

internal sealed record ModelList(string Object, IReadOnlyList<ModelItem> Data);

internal sealed record ModelItem(string Id, string Object, long Created, string OwnedBy);
