using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Records;
using ProtoAgent.Stores.Audit;
using ProtoAgent.Stores.Telemetry;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Records;

public sealed class TurnRecorderTests : IDisposable
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Record_AWholeTurn_IsInTheLogAndInTheStore()
    {
        await using var telemetry = await TelemetryStore.OpenAsync(_folder.Paths(), NullLogger<TelemetryStore>.Instance);
        var turn = new TurnTelemetry("u", "t", "operator", "gpt", "done", null, s_noon, TimeSpan.FromSeconds(2)) { Rounds = 2, ToolCalls = 1, InputTokens = 10, CostUsd = 0.5 };
        await using (var audit = Audit())
        {
            var recorder = new TurnRecorder(audit, telemetry, NullLogger<TurnRecorder>.Instance);
            recorder.TurnBegan("t", "u", "operator", "gpt");
            recorder.Approval(new ApprovalRecord("t", "u", "c", "run_command", "approved", "operator", "go on, the key is sk-abcdefghij1234567890", TimeSpan.FromSeconds(9)));
            recorder.ToolCalled(new ToolRecord("t", "u", "c", "run_command", """{"command":"x","password":"hunter2"}""", "operator", ToolStatus.Error, TimeSpan.FromMilliseconds(12.4), 3, "known-secret is wrong"));
            recorder.TurnEnded(turn);
            await recorder.FlushAsync();
        }

        (await telemetry.RecentAsync(10)).Items.ShouldBe([turn]);
        var lines = await File.ReadAllLinesAsync(_folder.Paths().Audit);
        lines.ShouldBe(
        [
            """{"at":"2026-03-01T12:00:00.000Z","event":"turn_began","thread":"t","turn":"u","origin":"operator","model":"gpt"}""",
            """{"at":"2026-03-01T12:00:00.000Z","event":"approval","thread":"t","turn":"u","call":"c","tool":"run_command","decision":"approved","by":"operator","comment":"go on, the key is [redacted]","waited_ms":9000}""",
            """{"at":"2026-03-01T12:00:00.000Z","event":"tool_called","thread":"t","turn":"u","call":"c","tool":"run_command","origin":"operator","status":"error","duration_ms":12,"arguments":"{\"command\":\"x\",\"password\":\"[redacted]\"}","result_length":3,"error":"[redacted] is wrong"}""",
            """{"at":"2026-03-01T12:00:00.000Z","event":"turn_ended","thread":"t","turn":"u","origin":"operator","model":"gpt","status":"done","duration_ms":2000,"rounds":2,"tool_calls":1,"input_tokens":10,"cost_usd":0.5}""",
        ]);
    }

    [Fact]
    public async Task Record_LongArguments_AreCutBehindRedaction()
    {
        await using (var audit = Audit())
        {
            var arguments = JsonSerializer.Serialize(new string('x', 3990)) is var filler ? $$"""{"a":{{filler}},"b":"known-secret"}""" : "";
            new TurnRecorder(audit, null, NullLogger<TurnRecorder>.Instance).ToolCalled(new ToolRecord("t", "u", "c", "x", arguments, "cli", ToolStatus.Ok, TimeSpan.Zero));
        }

        var cut = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Paths().Audit)).RootElement.GetProperty("arguments").GetString()!;
        cut.Length.ShouldBeLessThan(4100);
        cut.ShouldNotContain("known");
        cut.ShouldEndWith("more characters)");
    }

    [Fact]
    public async Task Record_NeitherLogNorStore_NothingHappens()
    {
        var recorder = new TurnRecorder(null, null, NullLogger<TurnRecorder>.Instance);
        recorder.TurnBegan("t", "u", "operator", "gpt");
        recorder.TurnEnded(new TurnTelemetry("u", "t", "operator", "gpt", "done", null, s_noon, TimeSpan.Zero));
        await recorder.FlushAsync();
    }

    [Fact]
    public async Task Record_StoresAreClosed_TheTurnDoesNotNotice()
    {
        var telemetry = await TelemetryStore.OpenAsync(_folder.Paths(), NullLogger<TelemetryStore>.Instance);
        var audit = Audit();
        await telemetry.DisposeAsync();
        await audit.DisposeAsync();
        var recorder = new TurnRecorder(audit, telemetry, NullLogger<TurnRecorder>.Instance);
        recorder.TurnBegan("t", "u", "operator", "gpt");
        recorder.TurnEnded(new TurnTelemetry("u", "t", "operator", "gpt", "done", null, s_noon, TimeSpan.Zero));
        await recorder.FlushAsync();
    }

    [Fact]
    public async Task Record_ManyTurnsAtOnce_FlushWaitsForAll()
    {
        await using var telemetry = await TelemetryStore.OpenAsync(_folder.Paths(), NullLogger<TelemetryStore>.Instance);
        var recorder = new TurnRecorder(null, telemetry, NullLogger<TurnRecorder>.Instance);
        Parallel.For(0, 500, i => recorder.TurnEnded(new TurnTelemetry($"u{i}", "t", "operator", "gpt", "done", null, s_noon, TimeSpan.Zero)));
        await recorder.FlushAsync();
        (await telemetry.SummaryAsync()).Total.Turns.ShouldBe(500);
    }

    private AuditLog Audit() => new(_folder.Paths(), new Redactor(["known-secret"]).Redact, new FakeTimeProvider(s_noon), NullLogger<AuditLog>.Instance);
}
