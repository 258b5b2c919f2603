using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent;

public sealed class EventBusTests
{
    private readonly EventBus _bus = new(new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void Subscribe_BehindAnEvent_GetsThoseAfterItOnce()
    {
        using var all = _bus.Subscribe();
        var ids = Publish(5);
        using var late = _bus.Subscribe(ids[1]);
        var next = Publish(1);
        Read(late).ShouldBe([.. ids[2..], .. next]);
        late.Gap.ShouldBeFalse();
        Read(all).ShouldBe([.. ids, .. next]);
    }

    [Fact]
    public void Subscribe_BehindOneNotKept_SaysSo()
    {
        var ids = Publish(EventBus.Kept + 2);
        using var exact = _bus.Subscribe(ids[1]);
        exact.Gap.ShouldBeFalse();
        Read(exact).Count.ShouldBe(EventBus.Kept);
        using var gone = _bus.Subscribe(ids[0]);
        gone.Gap.ShouldBeTrue();
        using var last = _bus.Subscribe(ids[^1]);
        last.Gap.ShouldBeFalse();
        Read(last).ShouldBeEmpty();
    }

    [Fact]
    public async Task Subscribe_TooSlow_IsDroppedAndEnds()
    {
        using var slow = _bus.Subscribe();
        Publish(EventSubscription.Capacity + 1);
        slow.Dropped.ShouldBeTrue();
        Read(slow).Count.ShouldBe(EventSubscription.Capacity);
        (await slow.Events.WaitToReadAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Close_Listeners_EndBehindWhatTheyHave()
    {
        using var listener = _bus.Subscribe();
        var ids = Publish(2);
        _bus.Close();
        Publish(1);
        Read(listener).ShouldBe(ids);
        (await listener.Events.WaitToReadAsync()).ShouldBeFalse();
        listener.Dropped.ShouldBeFalse();
        using var late = _bus.Subscribe();
        (await late.Events.WaitToReadAsync()).ShouldBeFalse();
    }

    private List<long> Publish(int count)
    {
        using var probe = _bus.Subscribe();
        for (var i = 0; i < count; i++)
        {
            _bus.Publish("test", new ActivityMessage(i, default, "inbox", "k", "", null, null, null, null), ActivityJson.Default.ActivityMessage);
        }

        return Read(probe);
    }

    private static List<long> Read(EventSubscription subscription)
    {
        var ids = new List<long>();
        while (subscription.Events.TryRead(out var happened))
        {
            ids.Add(happened.Id);
        }

        return ids;
    }
}
