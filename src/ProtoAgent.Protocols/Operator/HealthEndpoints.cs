using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

internal sealed class HealthEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new HealthEndpoints(services);
        routes.MapGet("/healthz", (RequestDelegate)endpoints.HealthAsync)
            .Describe("Whether the process serves.", answer: OperatorJson.Default.Health);
        routes.MapGet("/readyz", (RequestDelegate)endpoints.ReadyAsync)
            .Describe("Whether it can work; 503 with the reasons when not.", answer: OperatorJson.Default.Readiness)
            .Answers(StatusCodes.Status503ServiceUnavailable, OperatorJson.Default.Readiness);
    }

    /// <summary>Up as long as the process serves, whatever else is wrong.</summary>
    private Task HealthAsync(HttpContext context) =>
        JsonReply.WriteAsync(context, new Health("ok", services.Instance.Record.Instance, services.Instance.Record.Version), OperatorJson.Default.Health);

    private Task ReadyAsync(HttpContext context)
    {
        var reasons = services.Checkpoints.Problem is { } problem ? new[] { new NotReady(problem.Store, problem.Message) } : [];
        return JsonReply.WriteAsync(
            context,
            new Readiness(reasons.Length == 0 ? "ready" : "not_ready", reasons),
            OperatorJson.Default.Readiness,
            reasons.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    internal sealed record Health(string Status, string? Instance, string Version);

    internal sealed record Readiness(string Status, IReadOnlyList<NotReady> Reasons);

    internal sealed record NotReady(string Name, string Message);
}
