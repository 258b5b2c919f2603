using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Protocols.Http;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Http;

public sealed class TokenFailuresTests
{
    private static readonly IPAddress s_one = IPAddress.Parse("203.0.113.9");
    private readonly FakeTimeProvider _time = new();
    private readonly TokenFailures _failures;

    public TokenFailuresTests() => _failures = new TokenFailures(_time);

    [Fact]
    public void Count_MoreAndMore_WaitsTwiceAsLongUpToAMinute()
    {
        var waits = Enumerable.Range(0, TokenFailures.Free + 9).Select(i => _failures.Count(s_one, Digest($"{i}"))!.Value.Wait.TotalSeconds).ToList();
        waits.ShouldBe([.. Enumerable.Repeat(0.0, TokenFailures.Free), 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    [Fact]
    public void WaitOf_AnotherAddress_Zero()
    {
        Guess(s_one);
        _failures.WaitOf(s_one, Digest("right")).ShouldBeGreaterThan(TimeSpan.Zero);
        _failures.WaitOf(IPAddress.Parse("203.0.113.10"), Digest("right")).ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void WaitOf_AddressInAnotherForm_TheSameOrNot(string guesser, string other, bool same)
    {
        Guess(IPAddress.Parse(guesser));
        (_failures.WaitOf(IPAddress.Parse(other), Digest("right")) > TimeSpan.Zero).ShouldBe(same);
    }

    [Fact]
    public void WaitOf_QuietForAQuarterOfAnHour_BeginsAnew()
    {
        Guess(s_one);
        _time.Advance(TimeSpan.FromMinutes(15));
        _failures.Count(s_one, Digest("one more"))!.Value.Failures.ShouldBe(1);
    }

    [Fact]
    public void Count_OfMoreAddressesThanRemembered_ForgetsTheOldest()
    {
        Guess(s_one);
        for (var i = 0; i < TokenFailures.Most; i++)
        {
            _failures.Count(new IPAddress(i + 1), Digest("x"));
        }

        _failures.WaitOf(s_one, Digest("right")).ShouldBe(TimeSpan.Zero);
        _failures.Count(new IPAddress(TokenFailures.Most), Digest("x")).ShouldBeNull();
    }

    private void Guess(IPAddress from)
    {
        for (var i = 0; i <= TokenFailures.Free; i++)
        {
            _failures.Count(from, Digest($"{i}"));
        }
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
