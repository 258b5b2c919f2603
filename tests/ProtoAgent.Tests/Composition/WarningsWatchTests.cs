using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Composition;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Composition;

public sealed class WarningsWatchTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RunningInstance _instance;

    public WarningsWatchTests()
    {
        var identity = new InstanceIdentity(InstanceId.Parse("alice", "the test"), InstanceIdSource.Environment, "the test");
        var paths = InstancePaths.Resolve(identity, AgentName.Parse("ada", ""), new DataHome(_temp.Path, ""));
        _instance = RunningInstance.Claim(paths, new ProcessFacts("http://127.0.0.1:7870", 7870, "1.0"), _time);
    }

    public void Dispose()
    {
        _instance.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Watch_WarningsComeAndGoWithNobodyAsking_ToldWithinAMinute()
    {
        string[] stands = ["certificate_expires"];
        var looked = new SemaphoreSlim(0);
        _instance.AlsoWarn(() =>
        {
            var now = stands;
            looked.Release();
            return now.Select(code => code == "broken" ? throw new InvalidOperationException(code) : new StandingWarning(code, "", ""));
        });
        await using var watch = new WarningsWatch(_instance, _time, NullLogger.Instance);
        Told().ShouldBe(["certificate_expires"], "at the start");

        stands = ["broken"];
        await NextAsync();
        Told().ShouldBe(["certificate_expires"]);

        stands = [];
        await NextAsync();
        await watch.DisposeAsync();
        Told().ShouldBe([], "a look that fails is not the last");

        async Task NextAsync()
        {
            while (looked.Wait(0))
            {
            }

            _time.Advance(TimeSpan.FromMinutes(1));
            await looked.WaitAsync(TestContext.Current.CancellationToken);
        }

        IReadOnlyList<string>? Told() => _instance.Registry.Live().ShouldHaveSingleItem().Warnings;
    }
}
