using System.Net;

namespace ProtoAgent.Configuration;

/// <param name="Shutdown">What running turns get to finish when the instance is stopped.</param>
public sealed record ServerSettings(string Host, int Port, Uri? PublicUrl, TimeSpan Shutdown, long MaxBodyBytes)
{
    /// <summary>Host names a request may be addressed to besides loopback and the public URL's; none leaves an instance beyond loopback open to any.</summary>
    public IReadOnlyList<string> AllowHosts { get; init; } = [];

    /// <summary>Origins, as a browser says them, whose pages may call: <c>http://localhost:3000</c>.</summary>
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];

    /// <summary>Whose word on who asks is taken.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Connections open at once.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Of them, streams of events that only end when their reader goes.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>Whether the system may write the process's memory to a file when it crashes.</summary>
    public bool CoreDumps { get; init; }

    /// <summary>Null: plain HTTP.</summary>
    public TlsSettings? Tls { get; init; }
}

/// <param name="Certificate">PEM: the certificate, then those that lead to its root.</param>
/// <param name="Key">PEM: its private key, not encrypted.</param>
/// <param name="Hsts">How long browsers are told to use TLS alone for this host name; null: not at all.</param>
public sealed record TlsSettings(string Certificate, string Key, TimeSpan? Hsts);
