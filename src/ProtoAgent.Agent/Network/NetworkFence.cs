using System.Net;
using System.Net.Sockets;

namespace ProtoAgent.Agent.Network;

/// <summary>
/// Keeps what a model or a peer asks for off private addresses. A name says nothing about where it leads, so the fence
/// stands at the connection: the name is resolved once, every address it gave is checked, and the socket goes to one of
/// those very addresses. A name that changes its answer in between (DNS rebinding) gains nothing.
/// </summary>
public sealed class NetworkFence
{
    private readonly List<AllowedHost> _allowed;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <param name="resolve">The addresses of a name; null asks the system's resolver.</param>
    /// <exception cref="ArgumentException">An entry of the allow list is no entry; configuration asks <see cref="Problem"/> before.</exception>
    public NetworkFence(NetworkOptions options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _allowed = [.. options.AllowHosts.Select(e => AllowedHost.TryParse(e, out var entry, out var problem) ? entry : throw new ArgumentException(problem, nameof(options)))];
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
    }

    /// <summary>What is wrong with an entry of <c>network.allow_hosts</c>; null when nothing is.</summary>
    public static string? Problem(string entry) => AllowedHost.TryParse(entry, out _, out var problem) ? null : problem;

    /// <summary>What can be said of a URL before its host is resolved.</summary>
    /// <exception cref="NetworkException">Not http or https, no host, or a password in it.</exception>
    public static void CheckUrl(Uri url)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.IdnHost.Length == 0)
        {
            throw new NetworkException($"'{Shown(url)}' is refused: only absolute http:// and https:// URLs can be reached.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new NetworkException($"The URL at {url.IdnHost} is refused: it carries a user name or password. Leave out what is before the @.");
        }
    }

    /// <summary>A handler whose every connection passes the fence. It follows no redirect: each hop has to be asked for, and so is checked.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = ConnectAsync,
        AllowAutoRedirect = false,
        UseCookies = false,

        // A proxy resolves the name itself, out of our sight, and all the fence would see is the proxy.
        UseProxy = false,

        // No trace of ours goes to a stranger.
        ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),

        // A body we stop reading is one we don't want: close the connection rather than read it to its end.
        MaxResponseDrainSize = 0,
    };

    /// <summary>The addresses a host may be reached at, each of them checked.</summary>
    /// <exception cref="NetworkException">It has none, or one of them is beyond the fence.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var isAddress = IPAddress.TryParse(host, out var literal);
        var addresses = isAddress ? [literal!] : await LookUpAsync(host, cancellationToken);
        var name = isAddress ? null : AllowedHost.HostName(host);
        if (name is not null && _allowed.Exists(a => a.MatchesName(name)))
        {
            return addresses;
        }

        // One bad address among good ones refuses the name: which of them the next lookup puts first is not ours to say.
        foreach (var address in addresses)
        {
            if (Violation(address) is { } violation)
            {
                throw new NetworkException(
                    $"'{host}' is refused: {(isAddress ? "it is" : "it resolves to")} {violation}, and only the public internet can be reached. "
                    + "The operator can let it through with network.allow_hosts.");
            }
        }

        return addresses;
    }

    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await _resolve(host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new NetworkException($"'{host}' can't be found: {e.Message}. Check the spelling of the host.", e);
        }

        return addresses.Length > 0 ? addresses : throw new NetworkException($"'{host}' can't be found: it has no address. Check the spelling of the host.");
    }

    private string? Violation(IPAddress address) =>
        _allowed.Exists(a => a.MatchesAddress(address)) ? null
        : AddressRanges.Embedded(address) is { Count: > 0 } embedded ? embedded.Select(Violation).FirstOrDefault(v => v is not null)
        : AddressRanges.Violation(address);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await ResolveAsync(host, cancellationToken);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new NetworkException($"Can't connect to {host}:{port}: {last!.Message}.", last);
    }

    private static string Shown(Uri url) => url.OriginalString.Length > 200 ? url.OriginalString[..200] + "…" : url.OriginalString;
}
