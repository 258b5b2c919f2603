using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Records;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Http;

public sealed class CallerTraceTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(new[] { Parent }, new[] { "a=1", "b=2" }, Parent + " a=1, b=2")]
    [InlineData(new[] { Parent }, new string[0], Parent + " ")]
    [InlineData(new[] { Parent }, new[] { "???" }, Parent + " ")]
    [InlineData(new[] { Parent, Parent }, new string[0], "none")]
    [InlineData(new[] { "00-x" }, new[] { "a=1" }, "none")]
    [InlineData(new string[0], new[] { "a=1" }, "none")]
    public async Task Request_WithHeaders_IsPartOfTheTraceTheyName(string[] parents, string[] states, string expected)
    {
        await using var bench = await ApiBench.StartAsync(new HttpOptions(), routes => routes.MapGet("/trace", (RequestDelegate)(context =>
            context.Response.WriteAsync(TraceContext.Current is { } trace ? $"{trace.Parent} {trace.State}" : "none"))));
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/trace");
            request.Headers.Add("traceparent", parents);
            request.Headers.Add("tracestate", states);
            using var answer = await bench.Http.SendAsync(request);
            (await answer.Content.ReadAsStringAsync()).ShouldBe(expected);

            // Over the same connection, without: nothing is left behind.
            (await bench.Http.GetStringAsync("/trace")).ShouldBe("none");
        }
    }

    [Theory]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("localhost", null, HttpStatusCode.OK)]
    [InlineData("agents.example.com", null, HttpStatusCode.Unauthorized)]
    [InlineData("127.0.0.1", "X-Forwarded-For", HttpStatusCode.Unauthorized)]
    [InlineData("localhost", "Forwarded", HttpStatusCode.Unauthorized)]
    public async Task Metrics_TokenConfigured_AreOpenToThisMachineAlone(string host, string? passedOn, HttpStatusCode expected)
    {
        await using var bench = await ApiBench.StartAsync(
            new HttpOptions { Token = "secret", Hosts = null }, routes => routes.MapGet(LoopbackReaders.Metrics, (RequestDelegate)(_ => Task.CompletedTask)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = host } };
        if (passedOn is not null)
        {
            request.Headers.Add(passedOn, "for=203.0.113.1");
        }

        using var answer = await bench.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(expected);
        using var below = await bench.Http.GetAsync("/metrics/x");
        below.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
