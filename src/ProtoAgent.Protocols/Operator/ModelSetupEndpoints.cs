using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Models;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Before a model is taken: what there is on this machine, and whether one answers.</summary>
internal sealed class ModelSetupEndpoints(ConfigDoor configuration)
{
    private static readonly string[] s_providers = ["openai", "anthropic", "offline"];

    public static void Map(IEndpointRouteBuilder routes, ConfigDoor configuration)
    {
        var endpoints = new ModelSetupEndpoints(configuration);
        routes.MapGet("/api/model/detect", (RequestDelegate)endpoints.DetectAsync)
            .Describe("Model servers on the usual ports of this machine (model.detect_ports), with the models they list.", answer: ConfigJson.Default.Found);
        routes.MapPost("/api/model/test", (RequestDelegate)endpoints.TestAsync)
            .Describe("Makes one short call to a model that is not configured yet. What is left out is what is configured.", ConfigJson.Default.ModelGiven, answer: ConfigJson.Default.Trial);
    }

    private async Task DetectAsync(HttpContext context) =>
        await JsonReply.WriteAsync(context, new Found(await configuration.Probe.DetectAsync(context.RequestAborted), null), ConfigJson.Default.Found);

    private async Task TestAsync(HttpContext context)
    {
        var given = await JsonBody.ReadAsync(context, ConfigJson.Default.ModelGiven);
        if (given.Provider is { } provider && !s_providers.Contains(provider))
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_provider", $"provider must be one of {string.Join(", ", s_providers)}.", "provider");
        }

        if (given.BaseUrl is { Length: > 0 } address && !(Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0))
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_base_url", "base_url must be an http or https address without a user name, usually ending in /v1.", "base_url");
        }

        var trial = await configuration.Probe.TryAsync(configuration.Complete(given), context.RequestAborted);
        await JsonReply.WriteAsync(
            context, new Trial(trial.Error is null, trial.Milliseconds, trial.Models, trial.Error is { } e ? new TrialError(e.Code, e.Message) : null), ConfigJson.Default.Trial);
    }

    internal sealed record Found(IReadOnlyList<FoundEndpoint> Items, string? Next);

    /// <param name="Error">Null when it answered.</param>
    internal sealed record Trial(bool Ok, long LatencyMs, IReadOnlyList<string> Models, TrialError? Error);

    internal sealed record TrialError(string Code, string Message);
}
