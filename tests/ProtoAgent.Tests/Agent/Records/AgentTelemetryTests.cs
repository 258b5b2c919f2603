using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Records;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Records;

/// <summary>One after another: the source and the meter are the process's. Each test looks only at what bears its own thread or name.</summary>
[CollectionDefinition(nameof(AgentTelemetryTests), DisableParallelization = true)]
[Collection(nameof(AgentTelemetryTests))]
public sealed class AgentTelemetryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _thread = Guid.NewGuid().ToString();

    [Fact]
    public void Spans_OfATurn_NestAndFollowTheConventions()
    {
        using var listening = new Spans(_thread);
        var turn = AgentTelemetry.StartTurn("bob", "alice", "openai", "gpt", _thread, _time);
        var call = AgentTelemetry.StartModelCall("openai", "gpt", _thread, new Uri("http://127.0.0.1:8080/v1"), _time);
        call.End(10, 5, TimeSpan.FromSeconds(1), "gpt-2", "stop");
        var tool = AgentTelemetry.StartTool("fetch_url", "c1", _thread, _time);
        tool.End("tool_error");
        turn.End(10, 5);

        var spans = listening.Ended;
        spans.Select(s => (s.DisplayName, s.Kind)).ShouldBe([("chat gpt", ActivityKind.Client), ("execute_tool fetch_url", ActivityKind.Internal), ("invoke_agent bob", ActivityKind.Internal)]);
        spans[..2].ShouldAllBe(s => s.ParentSpanId == spans[2].SpanId && s.TraceId == spans[2].TraceId);
        Tags(spans[2]).ShouldBe(
        [
            "gen_ai.agent.id=alice", "gen_ai.agent.name=bob", $"gen_ai.conversation.id={_thread}", "gen_ai.operation.name=invoke_agent", "gen_ai.provider.name=openai",
            "gen_ai.request.model=gpt", "gen_ai.usage.input_tokens=10", "gen_ai.usage.output_tokens=5",
        ]);
        Tags(spans[0]).ShouldBe(
        [
            $"gen_ai.conversation.id={_thread}", "gen_ai.operation.name=chat", "gen_ai.provider.name=openai", "gen_ai.request.model=gpt", "gen_ai.response.finish_reasons=stop",
            "gen_ai.response.model=gpt-2", "gen_ai.usage.input_tokens=10", "gen_ai.usage.output_tokens=5", "server.address=127.0.0.1", "server.port=8080",
        ]);
        Tags(spans[1]).ShouldBe(
        [
            "error.type=tool_error", $"gen_ai.conversation.id={_thread}", "gen_ai.operation.name=execute_tool", "gen_ai.tool.call.id=c1", "gen_ai.tool.name=fetch_url", "gen_ai.tool.type=function",
        ]);
        (spans[1].Status, spans[1].StatusDescription).ShouldBe((ActivityStatusCode.Error, "tool_error"));
        spans[0].Status.ShouldBe(ActivityStatusCode.Unset);
    }

    [Fact]
    public void Spans_WhatIsNotKnown_IsLeftOut()
    {
        using var listening = new Spans(_thread);
        AgentTelemetry.StartTurn("bob", null, "offline", "offline", _thread, _time).End();
        AgentTelemetry.StartModelCall("offline", "offline", _thread, null, _time).End();
        Tags(listening.Ended[0]).ShouldAllBe(t => !t.StartsWith("gen_ai.agent.id") && !t.StartsWith("gen_ai.usage") && !t.StartsWith("error"));
        Tags(listening.Ended[1]).ShouldAllBe(t => !t.StartsWith("server.") && !t.StartsWith("gen_ai.response"));
    }

    [Fact]
    public void Spans_NobodyListens_AreNone()
    {
        AgentTelemetry.StartTurn("bob", "alice", "openai", "gpt", _thread, _time).End();
        Activity.Current.ShouldBeNull();
    }

    [Fact]
    public void Metrics_OfATurn_AreOfTheConventions()
    {
        var model = "m" + _thread;
        using var listening = new Measurements(_thread);
        var turn = AgentTelemetry.StartTurn("a" + _thread, null, "openai", model, _thread, _time);
        var call = AgentTelemetry.StartModelCall("openai", model, _thread, null, _time);
        _time.Advance(TimeSpan.FromSeconds(2));
        call.End(10, 0, TimeSpan.FromSeconds(1));
        var tool = AgentTelemetry.StartTool("t" + _thread, "c", _thread, _time);
        _time.Advance(TimeSpan.FromSeconds(3));
        tool.End("denied");
        turn.End(errorType: "cancelled");

        listening.Seen.Select(m => m.Replace(_thread, "", StringComparison.Ordinal)).ShouldBe(
        [
            "gen_ai.client.token.usage {token} 10 gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=m gen_ai.token.type=input",
            "gen_ai.client.token.usage {token} 0 gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=m gen_ai.token.type=output",
            "gen_ai.client.operation.time_to_first_chunk s 1 gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=m",
            "gen_ai.client.operation.duration s 2 gen_ai.operation.name=chat gen_ai.provider.name=openai gen_ai.request.model=m",
            "gen_ai.execute_tool.duration s 3 gen_ai.tool.name=t gen_ai.tool.type=function error.type=denied",
            "gen_ai.invoke_agent.duration s 5 gen_ai.agent.name=a error.type=cancelled",
        ]);
    }

    private static IEnumerable<string> Tags(Activity span) =>
        span.TagObjects.Select(t => $"{t.Key}={(t.Value is string[] list ? string.Join(',', list) : t.Value)}").Order(StringComparer.Ordinal);

    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans(string thread)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = s => s.Name == AgentTelemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (span.GetTagItem("gen_ai.conversation.id") as string == thread)
                    {
                        Ended.Add(span);
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public List<Activity> Ended { get; } = [];

        public void Dispose() => _listener.Dispose();
    }

    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Measurements(string thread)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == AgentTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => See(i, value, tags, thread));
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => See(i, value, tags, thread));
            _listener.Start();
        }

        public List<string> Seen { get; } = [];

        public void Dispose() => _listener.Dispose();

        private void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, string thread)
        {
            var text = $"{instrument.Name} {instrument.Unit} {value} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}";
            if (text.Contains(thread, StringComparison.Ordinal))
            {
                Seen.Add(text);
            }
        }
    }
}
