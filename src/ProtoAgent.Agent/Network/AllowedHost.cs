using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProtoAgent.Agent.Network;

/// <summary>One entry of <c>network.allow_hosts</c>: a name, <c>*.suffix</c>, an address or a CIDR.</summary>
public sealed class AllowedHost
{
    private readonly string? _name;
    private readonly IPNetwork? _range;

    private AllowedHost(string name) => _name = name;

    private AllowedHost(IPNetwork range) => _range = range;

    /// <param name="problem">What is wrong with the entry and what to write instead; null when it is fine.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AllowedHost? entry, [NotNullWhen(false)] out string? problem)
    {
        var trimmed = text.Trim();
        (entry, problem) = trimmed switch
        {
            "" => (null, "is blank: remove it"),
            "*" => (null, "would let everything through: if that is meant, list 0.0.0.0/0 and ::/0"),
            _ when trimmed.Contains("://", StringComparison.Ordinal) => (null, "is a URL: write the host alone, without scheme, port and path"),
            _ when trimmed.Contains('/') => Range(trimmed),
            _ when IPAddress.TryParse(trimmed.Trim('[', ']'), out var address) => Address(trimmed, address),
            _ => Name(trimmed),
        };
        problem = problem is null ? null : $"'{text}' {problem}.";
        return entry is not null;
    }

    /// <param name="host">As <see cref="HostName"/> writes it.</param>
    internal bool MatchesName(string host) =>
        _name is not null && (_name[0] == '*' ? host.Length >= _name.Length && host.EndsWith(_name[1..], StringComparison.Ordinal) : host == _name);

    internal bool MatchesAddress(IPAddress address) => _range is { } range && range.Contains(address);

    /// <summary>A host as names are compared: ASCII, lower case, without the root's dot. Null if it can't be a name.</summary>
    internal static string? HostName(string host)
    {
        try
        {
            return new IdnMapping { UseStd3AsciiRules = false }.GetAscii(host.TrimEnd('.')).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static (AllowedHost?, string?) Range(string text) =>
        !IPNetwork.TryParse(text, out var range) ? (null, "is no CIDR: write it like 10.1.0.0/16 or fd00:1::/32")

        // The usual slip, and it may be meant either way: one address, or all of its network.
        : !range.BaseAddress.Equals(IPAddress.Parse(text[..text.IndexOf('/', StringComparison.Ordinal)])) ? (null, $"has bits set after the first {range.PrefixLength}: write {range}, or the address alone")
        : (new AllowedHost(range), null);

    private static (AllowedHost?, string?) Address(string text, IPAddress address) =>

        // 10.1 and 0x0a000001 are addresses to some and mistakes to most.
        address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text
            ? (null, $"is an unusual way to write an address: write {address} if that is meant")
            : (new AllowedHost(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)), null);

    private static (AllowedHost?, string?) Name(string text)
    {
        var suffix = text.StartsWith("*.", StringComparison.Ordinal);
        if (HostName(suffix ? text[2..] : text) is not { } name || Uri.CheckHostName(name) != UriHostNameType.Dns)
        {
            return (null, text.Contains(':')
                ? "is no host name: write it without a port"
                : "is no host name, *.suffix, address or CIDR; a star may only stand for the first labels, as in *.internal");
        }

        return (new AllowedHost(suffix ? $"*.{name}" : name), null);
    }
}
