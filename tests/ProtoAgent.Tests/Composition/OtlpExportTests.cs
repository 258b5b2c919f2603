using ProtoAgent.Agent.Records;
using ProtoAgent.Composition;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Tests.Agent.Records;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Composition;

[Collection(nameof(AgentTelemetryTests))]
public sealed class OtlpExportTests
{
    [Fact]
    public void Start_NotConfigured_IsNone() => OtlpExport.Start(null, Instance("alice")).ShouldBeNull();

    [Fact]
    public void Dispose_SpansAndMetricsLeft_ArriveWithHeadersAndResource()
    {
        using var receiver = new OtlpReceiver();
        using (var export = OtlpExport.Start(new ExportSettings(receiver.Url, "Authorization=Bearer%20abc,x-tenant=t1", null), Instance("alice"), TimeSpan.FromSeconds(60)))
        {
            Turn();
        }

        var requests = receiver.Requests.ToList();
        requests.Select(r => r.Line).Order().ShouldBe(["POST /base/v1/metrics HTTP/1.1", "POST /base/v1/traces HTTP/1.1"]);
        foreach (var request in requests)
        {
            request.Headers.ShouldContain("Authorization: Bearer abc");
            request.Headers.ShouldContain("x-tenant: t1");
            request.Headers.ShouldContain("Content-Type: application/x-protobuf");
            foreach (var text in (string[])["service.name", "protoagent.instance", "alice", "service.instance.id", "process-1", "bob"])
            {
                request.Body.ShouldContain(text, Case.Sensitive);
            }
        }

        requests.Single(r => r.Line.Contains("traces")).Body.ShouldContain("invoke_agent bob", Case.Sensitive);
        requests.Single(r => r.Line.Contains("metrics")).Body.ShouldContain("gen_ai.client.operation.duration", Case.Sensitive);
    }

    [Fact]
    public async Task Dispose_ReceiverHangs_Ends()
    {
        using var receiver = new OtlpReceiver(answers: false);
        var export = OtlpExport.Start(new ExportSettings(receiver.Url, null, "other"), Instance(null))!;
        Turn();
        await Task.Run(export.Dispose).WaitAsync(TimeSpan.FromSeconds(60));
        export.Dispose();
        receiver.Requests.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Dispose_NobodyListensThere_Ends()
    {
        var receiver = new OtlpReceiver();
        var url = receiver.Url;
        receiver.Dispose();
        var export = OtlpExport.Start(new ExportSettings(url, null, null), Instance(null))!;
        Turn();
        await Task.Run(export.Dispose).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static void Turn()
    {
        var turn = AgentTelemetry.StartTurn("bob", "alice", "openai", "gpt", "thread", TimeProvider.System);
        AgentTelemetry.StartModelCall("openai", "gpt", "thread", null, TimeProvider.System).End(1, 2);
        turn.End();
    }

    private static InstanceRecord Instance(string? id) => new()
    {
        ProcessId = "process-1",
        Uuid = Guid.Empty,
        Instance = id,
        AgentName = "bob",
        Pid = 1,
        HostName = "here",
        Url = "http://127.0.0.1:1",
        Port = 1,
        StartedAt = DateTimeOffset.UnixEpoch,
        Version = "1.0.0",
        Root = "/",
    };
}
