namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// What the clocks on the wall of a zone show. It asks the zone only for the offset at an instant, which is plain data; what
/// the zone says of local times that are skipped or come twice depends on which of its offsets it takes for the standard one.
/// Instants and wall times are both <see cref="DateTime"/>s of kind UTC; a name with <c>wall</c> in it is the latter.
/// </summary>
/// <remarks>Two changes of one zone's clocks are taken to be more than two days apart; the tests read all zones for it.</remarks>
internal sealed class ZoneClock(TimeZoneInfo zone)
{
    public static DateTime WholeSecond(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    public TimeSpan OffsetAt(DateTime instant) => zone.GetUtcOffset(instant);

    public DateTime WallAt(DateTime instant) => instant + OffsetAt(instant);

    /// <summary>The first instant at which the clocks show this time or a later one: the end of the gap for a time that is skipped.</summary>
    public DateTime FirstAt(DateTime wall)
    {
        // Offsets are within 14 hours, so the instants of this time lie in here.
        var second = WholeSecond(wall);
        if (ChangeIn(second.AddHours(-15), second.AddHours(15)) is not { } change)
        {
            return wall - OffsetAt(wall);
        }

        return wall < change.WallBefore ? wall - change.Before
            : wall < change.WallAfter ? change.At
            : wall - change.After;
    }

    /// <summary>The last second that the clocks have shown by now: behind the hands' own time while they go through an hour again.</summary>
    public DateTime ReachedBy(DateTime instant)
    {
        var wall = WallAt(instant);
        return ChangeIn(instant - TimeSpan.FromDays(1), instant) is { } change ? ClockChange.Later(wall, change.LastBefore) : wall;
    }

    /// <summary>The change of the offset after one instant and up to another, both whole seconds; null if there is none.</summary>
    public ClockChange? ChangeIn(DateTime after, DateTime upTo)
    {
        var before = OffsetAt(after);
        if (OffsetAt(upTo) == before)
        {
            return null;
        }

        while (upTo - after > TimeSpan.FromSeconds(1))
        {
            var middle = after.AddSeconds(Math.Floor((upTo - after).TotalSeconds / 2));
            if (OffsetAt(middle) == before)
            {
                after = middle;
            }
            else
            {
                upTo = middle;
            }
        }

        return new ClockChange(upTo, before, OffsetAt(upTo));
    }
}

/// <summary>The clocks are set.</summary>
/// <param name="At">The first instant of the new offset.</param>
internal readonly record struct ClockChange(DateTime At, TimeSpan Before, TimeSpan After)
{
    /// <summary>What the clocks would have shown, and never did or will again.</summary>
    public DateTime WallBefore => At + Before;

    public DateTime WallAfter => At + After;

    public DateTime LastBefore => WallBefore.AddSeconds(-1);

    public static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;
}
