using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Spans and metrics reach an OTLP receiver where one is configured, and nobody where none is.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task Export_Configured_SpansAndMetricsArriveWithoutWhatWasSaid()
    {
        var received = new ConcurrentDictionary<string, string>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        await using var receiver = builder.Build();
        receiver.MapPost("/{**path}", (RequestDelegate)(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        }));
        await receiver.StartAsync();

        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Urls.First() });
        agent.Http.DefaultRequestHeaders.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        await agent.ChatAsync("""/tool calculator {"expression":"40+2"}""", "s1");
        (await agent.TerminateAsync()).ShouldBe(0);

        var spans = received["/v1/traces"];
        foreach (var name in (string[])["invoke_agent protoagent", "chat offline", "execute_tool calculator", "gen_ai.conversation.id"])
        {
            spans.ShouldContain(name);
        }

        // The caller's span is the turn's parent: nothing stands between that is exported nowhere.
        spans.ShouldContain(Encoding.Latin1.GetString(Convert.FromHexString("4bf92f3577b34da6a3ce929d0e0e4736")));
        spans.ShouldContain(Encoding.Latin1.GetString(Convert.FromHexString("00f067aa0ba902b7")));
        spans.ShouldNotContain("40+2");
        received["/v1/metrics"].ShouldContain("gen_ai.client.operation.duration");
    }
}
