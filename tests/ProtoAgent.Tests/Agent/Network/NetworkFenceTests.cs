using System.Net;
using System.Net.Sockets;
using ProtoAgent.Agent.Network;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Network;

public sealed class NetworkFenceTests
{
    [Theory]
    [InlineData("0.0.0.0", "this host")]
    [InlineData("0.1.2.3", "this host")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("10.255.255.255", "private")]
    [InlineData("100.64.0.1", "carrier-grade NAT")]
    [InlineData("100.127.255.255", "carrier-grade NAT")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.254", "loopback")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.0.0.8", "reserved")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("192.88.99.1", "reserved")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("198.18.0.1", "benchmark")]
    [InlineData("198.19.255.255", "benchmark")]
    [InlineData("198.51.100.1", "documentation")]
    [InlineData("203.0.113.1", "documentation")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("239.255.255.250", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("::7f00:1", "outside the public internet")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fe80::1%1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("fec0::1", "site-local")]
    [InlineData("fc00::1", "unique local")]
    [InlineData("fd12:3456::1", "unique local")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("100::1", "discard-only")]
    [InlineData("2001:2::1", "reserved")]
    [InlineData("2001:10::1", "reserved")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("3fff::1", "documentation")]
    [InlineData("5f00::1", "outside the public internet")]
    [InlineData("4000::1", "outside the public internet")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("::ffff:10.1.2.3", "private")]
    [InlineData("::ffff:169.254.169.254", "link-local")]
    [InlineData("::ffff:0:10.1.2.3", "private")]
    [InlineData("2002:7f00:0001::", "loopback")]
    [InlineData("2002:c0a8:0101::1", "private")]
    [InlineData("64:ff9b::127.0.0.1", "loopback")]
    [InlineData("64:ff9b::a9fe:a9fe", "link-local")]
    [InlineData("64:ff9b:1::8.8.8.8", "private NAT64")]
    [InlineData("2001:0:7f00:1:0:0:f7f7:f7f7", "loopback")]
    [InlineData("2001:0:808:808:0:0:80ff:fffe", "loopback")]
    public async Task ResolveAsync_AnAddressBeyondTheFence_RefusedWithItsKind(string address, string kind)
    {
        // Written in the URL, and as what a name resolves to: both refused alike.
        var fence = new NetworkFence(new NetworkOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));
        foreach (var host in new[] { address, "public.example" })
        {
            var refused = await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync(host, default));
            refused.Message.ShouldContain($"'{host}' is refused");
            refused.Message.ShouldContain(kind);
            refused.Message.ShouldContain("network.allow_hosts");
        }
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.0.0.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2002:808:808::1")]
    [InlineData("2001:0:808:808:0:0:f7f7:f7f7")]
    public async Task ResolveAsync_APublicAddress_Passes(string address)
    {
        var fence = new NetworkFence(new NetworkOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));
        (await fence.ResolveAsync(address, default)).ShouldBe([IPAddress.Parse(address)]);
        (await fence.ResolveAsync("public.example", default)).ShouldBe([IPAddress.Parse(address)]);
    }

    [Theory]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://１２７.0.0.1/")]
    public async Task ResolveAsync_AnOddWayToWriteLoopback_Refused(string url)
    {
        var fence = new NetworkFence(new NetworkOptions(), (host, _) => throw new SocketException((int)SocketError.HostNotFound));
        await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync(new Uri(url).IdnHost, default));
    }

    [Theory]
    [InlineData("8.8.8.8", "10.0.0.1")]
    [InlineData("10.0.0.1", "8.8.8.8")]
    [InlineData("8.8.8.8", "::1")]
    public async Task ResolveAsync_OnePrivateAddressAmongPublicOnes_Refused(string first, string second)
    {
        var fence = new NetworkFence(new NetworkOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(first), IPAddress.Parse(second)]));
        var refused = await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync("mixed.example", default));
        refused.Message.ShouldContain("'mixed.example' is refused: it resolves to");
        refused.Message.ShouldNotContain("10.0.0.1");
    }

    [Theory]
    [InlineData("wiki.internal", "wiki.internal", true)]
    [InlineData("wiki.internal", "WIKI.Internal.", true)]
    [InlineData("Wiki.Internal.", "wiki.internal", true)]
    [InlineData("wiki.internal", "x.wiki.internal", false)]
    [InlineData("wiki.internal", "xwiki.internal", false)]
    [InlineData("*.internal", "wiki.internal", true)]
    [InlineData("*.internal", "a.b.internal", true)]
    [InlineData("*.internal", "internal", false)]
    [InlineData("*.internal", "evilinternal", false)]
    [InlineData("*.internal", "internal.evil.example", false)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("10.1.2.3", "wiki.internal", true)]
    [InlineData("10.1.0.0/16", "wiki.internal", true)]
    [InlineData("10.1.2.3/32", "10.1.2.3", true)]
    [InlineData("10.1.2.4", "wiki.internal", false)]
    [InlineData("10.2.0.0/16", "wiki.internal", false)]
    [InlineData("fd00::/8", "wiki.internal", false)]
    [InlineData("0.0.0.0/0", "wiki.internal", true)]
    public async Task ResolveAsync_WithAnAllowedHost_LetsThroughThatAlone(string entry, string host, bool passes)
    {
        var fence = new NetworkFence(new NetworkOptions { AllowHosts = ["other.example", entry] }, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.1.2.3")]));
        if (passes)
        {
            (await fence.ResolveAsync(host, default)).ShouldBe([IPAddress.Parse("10.1.2.3")]);
        }
        else
        {
            await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync(host, default));
        }
    }

    [Theory]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("64:ff9b::10.1.2.3")]
    public async Task ResolveAsync_AnAllowedAddressInIPv6Form_Passes(string address)
    {
        var fence = new NetworkFence(new NetworkOptions { AllowHosts = ["10.1.0.0/16"] });
        (await fence.ResolveAsync(address, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ResolveAsync_AnUnknownName_SaysSo()
    {
        var fence = new NetworkFence(new NetworkOptions(), (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        (await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync("nowhere.example", default))).Message.ShouldContain("'nowhere.example' can't be found");
        fence = new NetworkFence(new NetworkOptions(), (_, _) => Task.FromResult<IPAddress[]>([]));
        (await Should.ThrowAsync<NetworkException>(() => fence.ResolveAsync("empty.example", default))).Message.ShouldContain("it has no address");
    }

    [Theory]
    [InlineData("wiki.internal")]
    [InlineData("*.internal")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1")]
    [InlineData("::1")]
    [InlineData("[fd00::1]")]
    [InlineData("10.0.0.0/8")]
    [InlineData("fd00::/8")]
    [InlineData(" 10.0.0.1 ")]
    [InlineData("my_host.internal")]
    [InlineData("bücher.example")]
    public void Problem_AGoodEntry_None(string entry) => NetworkFence.Problem(entry).ShouldBeNull();

    [Theory]
    [InlineData("", "blank")]
    [InlineData("*", "0.0.0.0/0 and ::/0")]
    [InlineData("http://wiki.internal", "without scheme")]
    [InlineData("wiki.internal:8080", "without a port")]
    [InlineData("wiki.*", "a star may only")]
    [InlineData("*wiki", "a star may only")]
    [InlineData("a b", "no host name")]
    [InlineData("10.0.0.5/8", "write 10.0.0.0/8")]
    [InlineData("fd00::1/8", "write fd00::/8")]
    [InlineData("10.0.0.0/33", "no CIDR")]
    [InlineData("wiki/24", "no CIDR")]
    [InlineData("10.1", "write 10.0.0.1")]
    [InlineData("0x7f000001", "write 127.0.0.1")]
    [InlineData("..", "no host name")]
    public void Problem_ABadEntry_SaysWhatToWrite(string entry, string remedy)
    {
        var problem = NetworkFence.Problem(entry).ShouldNotBeNull();
        problem.ShouldStartWith($"'{entry}' ");
        problem.ShouldContain(remedy);
        Should.Throw<ArgumentException>(() => new NetworkFence(new NetworkOptions { AllowHosts = [entry] })).Message.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("ftp://public.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:text/html,x")]
    [InlineData("javascript:alert(1)")]
    public void CheckUrl_AnotherScheme_Refused(string url) =>
        Should.Throw<NetworkException>(() => NetworkFence.CheckUrl(new Uri(url))).Message.ShouldContain("only absolute http:// and https://");

    [Fact]
    public void CheckUrl_Credentials_RefusedWithoutRepeatingThem()
    {
        var refused = Should.Throw<NetworkException>(() => NetworkFence.CheckUrl(new Uri("https://user:hunter2@public.example/")));
        refused.Message.ShouldContain("user name or password");
        refused.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public void CreateHandler_Always_NeitherProxyNorCookiesNorRedirects()
    {
        using var handler = new NetworkFence(new NetworkOptions()).CreateHandler();
        handler.UseProxy.ShouldBeFalse();
        handler.UseCookies.ShouldBeFalse();
        handler.AllowAutoRedirect.ShouldBeFalse();
        handler.Credentials.ShouldBeNull();
    }
}
