using System.Net;
using System.Net.Sockets;

namespace ProtoAgent.Agent.Network;

/// <summary>
/// Which addresses are the public internet. IANA's registries of special-purpose addresses, everything in them that is
/// not globally reachable; of IPv6 only 2000::/3 is given out at all, so the rest is refused without being listed.
/// </summary>
internal static class AddressRanges
{
    private static readonly (IPNetwork Range, string What)[] s_special =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "this host"),
        (IPNetwork.Parse("10.0.0.0/8"), "private"),
        (IPNetwork.Parse("100.64.0.0/10"), "carrier-grade NAT"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local"),
        (IPNetwork.Parse("172.16.0.0/12"), "private"),
        (IPNetwork.Parse("192.0.0.0/24"), "reserved"),
        (IPNetwork.Parse("192.0.2.0/24"), "documentation"),
        (IPNetwork.Parse("192.88.99.0/24"), "reserved"),
        (IPNetwork.Parse("192.168.0.0/16"), "private"),
        (IPNetwork.Parse("198.18.0.0/15"), "benchmark"),
        (IPNetwork.Parse("198.51.100.0/24"), "documentation"),
        (IPNetwork.Parse("203.0.113.0/24"), "documentation"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        (IPNetwork.Parse("255.255.255.255/32"), "broadcast"),
        (IPNetwork.Parse("240.0.0.0/4"), "reserved"),
        (IPNetwork.Parse("::/128"), "unspecified"),
        (IPNetwork.Parse("::1/128"), "loopback"),
        (IPNetwork.Parse("64:ff9b:1::/48"), "private NAT64"),
        (IPNetwork.Parse("100::/64"), "discard-only"),
        (IPNetwork.Parse("2001::/23"), "reserved"),
        (IPNetwork.Parse("2001:db8::/32"), "documentation"),
        (IPNetwork.Parse("3fff::/20"), "documentation"),
        (IPNetwork.Parse("fc00::/7"), "private (unique local)"),
        (IPNetwork.Parse("fe80::/10"), "link-local"),
        (IPNetwork.Parse("fec0::/10"), "private (site-local)"),
        (IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    private static readonly IPNetwork s_globalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork s_translated = IPNetwork.Parse("::ffff:0:0:0/96");
    private static readonly IPNetwork s_nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork s_sixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork s_teredo = IPNetwork.Parse("2001::/32");

    /// <summary>Null for the public internet; else what it is, with its range: <c>a private address (10.0.0.0/8)</c>.</summary>
    public static string? Violation(IPAddress address)
    {
        foreach (var (range, what) in s_special)
        {
            if (range.Contains(address))
            {
                return $"a {what} address ({range})";
            }
        }

        return address.AddressFamily == AddressFamily.InterNetwork || s_globalUnicast.Contains(address) ? null : "an address outside the public internet (2000::/3)";
    }

    /// <summary>
    /// The IPv4 addresses an IPv6 address stands for: some gateway or the kernel itself would carry the packet to them.
    /// Empty for an address that stands for itself.
    /// </summary>
    public static IReadOnlyList<IPAddress> Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return [];
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (address.IsIPv4MappedToIPv6 || s_translated.Contains(address) || s_nat64.Contains(address))
        {
            return [new IPAddress(bytes[12..])];
        }

        if (s_sixToFour.Contains(address))
        {
            return [new IPAddress(bytes[2..6])];
        }

        // RFC 4380: the server's address plain, the client's with every bit turned over.
        return s_teredo.Contains(address)
            ? [new IPAddress(bytes[4..8]), new IPAddress([(byte)~bytes[12], (byte)~bytes[13], (byte)~bytes[14], (byte)~bytes[15]])]
            : [];
    }
}
