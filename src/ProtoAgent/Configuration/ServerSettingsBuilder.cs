using System.Net;

namespace ProtoAgent.Configuration;

/// <summary>The server's part of the settings.</summary>
/// <param name="bad">Keys whose value is refused already.</param>
internal sealed class ServerSettingsBuilder(Layers layers, IReadOnlySet<string> bad)
{
    private const string Certificate = "server.tls.certificate";
    private const string Key = "server.tls.key";

    /// <summary>What single values can't show.</summary>
    public void Refuse()
    {
        RefuseOpenDoor();
        RefuseEach("server.allow_hosts", h => Uri.CheckHostName(h) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6,
            "is no host name or address. Write it without a scheme or a port, like agents.example.com");
        RefuseEach("server.allow_origins", o => ConfigValues.Url(o) is { } url && string.Equals(Origin(url), o, StringComparison.OrdinalIgnoreCase),
            "is no origin. Write scheme, host and, if it isn't the scheme's own, port, and nothing behind them, like http://localhost:3000");
        RefuseEach("server.trusted_proxies", p => Network(p) is not null, "is no address or CIDR. Write it like 10.0.0.7 or 10.1.0.0/16");
        if (layers.Text(Certificate) is null != layers.Text(Key) is null)
        {
            var (there, missing) = layers.Text(Key) is null ? (Certificate, Key) : (Key, Certificate);
            layers.Problems.Add($"{layers[there]!.Origin}: '{there}' is set and '{missing}' is not. Set both for HTTPS, or neither.");
        }
    }

    public ServerSettings Build() => new(
        layers.Text("server.host")!, (int)layers.Number("server.port"), layers.Text("server.public_url") is { } url ? ConfigValues.Url(url) : null,
        TimeSpan.FromSeconds(layers.Number("server.shutdown_seconds")), layers.Number("server.max_body_bytes"))
    {
        AllowHosts = layers.List("server.allow_hosts"),
        AllowOrigins = layers.List("server.allow_origins"),
        TrustedProxies = [.. layers.List("server.trusted_proxies").Select(p => Network(p)!.Value)],
        MaxConnections = (int)layers.Number("server.max_connections"),
        MaxStreams = (int)layers.Number("server.max_streams"),
        CoreDumps = ConfigValues.Boolean(layers.Text("server.core_dumps")!) == true,
        Tls = layers.Text(Certificate) is { } certificate
            ? new TlsSettings(layers.FullPath(certificate), layers.FullPath(layers.Text(Key)!), layers.Number("server.tls.hsts_days") is > 0 and var days ? TimeSpan.FromDays(days) : null)
            : null,
    };

    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private void RefuseEach(string key, Func<string, bool> isGood, string what)
    {
        foreach (var entry in layers.List(key).Where(e => !isGood(e)))
        {
            layers.Problems.Add($"{layers[key]!.Origin}: '{key}' has '{entry}', which {what}.");
        }
    }

    /// <summary>Beyond loopback, whoever reaches the port would be the operator.</summary>
    private void RefuseOpenDoor()
    {
        if (!bad.Overlaps(["server.host", "server.allow_open", "auth.token"]) && !IsLoopback(layers.Text("server.host")!) && layers.Text("auth.token") is null
            && ConfigValues.Boolean(layers.Text("server.allow_open")!) == false)
        {
            layers.Problems.Add(
                $"server.host {layers.Text("server.host")} can be reached from other machines, and there is no token: everybody there could use this agent. "
                + "Set A2A_AUTH_TOKEN (or auth.token in secrets.yaml), listen on 127.0.0.1, or say PROTOAGENT_ALLOW_OPEN=1 if something in front of it asks for one.");
        }
    }

    private static string Origin(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static IPNetwork? Network(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;
}
