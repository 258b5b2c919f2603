using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Operator;

/// <summary>A policy as it goes over the wire.</summary>
public sealed class JobPolicyBodyTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<JobPolicy> s_policies = Gen.Select(
        Gen.Enum<MissedFires>(), Gen.Enum<Overlap>(), Gen.Select(Gen.Long[0, 10L * 366 * 86_400_000], Gen.Long[0, 3_600_000], Gen.Long[0, 86_400_000]),
        Gen.Int[0, JobPolicy.MostRetries], Gen.Int[0, int.MaxValue], Gen.Long[1, long.MaxValue].Nullable(), Gen.Long[0, 10L * 366 * 86_400_000].Nullable(),
        (missed, overlap, times, retries, failures, runs, end) => new JobPolicy
        {
            Missed = missed, Overlap = overlap, Retries = retries, PauseAfterFailures = failures, MaxRuns = runs,
            MissedWindow = TimeSpan.FromMilliseconds(times.Item1), RetryBackoff = TimeSpan.FromMilliseconds(times.Item2), Jitter = TimeSpan.FromMilliseconds(times.Item3),
            EndAt = end is { } at ? s_start.AddMilliseconds(at) : null,
        });

    [Fact]
    public void Policy_ThereAndBack_IsTheSame() =>
        s_policies.Sample(policy => Read(Write(policy)).ToPolicy("Asia/Tokyo").ShouldBe(policy), iter: 2000);

    /// <summary>Whatever is left out of what one policy says is the default, and the rest stays.</summary>
    [Fact]
    public void Policy_AnyFieldsLeftOut_AreTheDefaults() =>
        Gen.Select(s_policies, Gen.Int[0, 511]).Sample(
            (policy, without) =>
            {
                var (given, expected, plain) = (Write(policy), Write(policy), Write(new JobPolicy()));
                foreach (var (field, i) in plain.Select((p, i) => (p.Key, i)).ToList())
                {
                    if ((without & (1 << i)) != 0)
                    {
                        given.Remove(field);
                        expected[field] = plain[field]?.DeepClone();
                    }
                }

                Write(Read(given).ToPolicy(null)).ToJsonString().ShouldBe(expected.ToJsonString());
            },
            iter: 2000);

    [Theory]
    [InlineData("2026-07-01T09:00", "2026-07-01T07:00:00Z")]
    [InlineData("2026-07-01T09:00:00+05:00", "2026-07-01T04:00:00Z")]
    [InlineData("2026-07-01T09:00Z", "2026-07-01T09:00:00Z")]
    public void EndAt_WithAndWithoutOffset_IsWhatTheZonesClocksShow(string written, string expected) =>
        new JobPolicyBody(EndAt: written).ToPolicy("Europe/Berlin").EndAt.ShouldBe(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));

    private static JsonObject Write(JobPolicy policy) =>
        JsonSerializer.SerializeToNode(JobPolicyBody.Of(policy), JobsJson.Default.JobPolicyBody)!.AsObject();

    private static JobPolicyBody Read(JsonObject json) => json.Deserialize(JobsJson.Default.JobPolicyBody)!;
}
