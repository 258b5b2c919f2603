using System.Net;
using System.Net.Sockets;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>
/// The port, taken before anything is written: a start refused because the port is held leaves no trace, and a request
/// that comes early waits in the backlog instead of being refused.
/// </summary>
internal static class Listener
{
    private const int Backlog = 512;

    /// <exception cref="InstanceRefusedException">The port is held (75), or the address can't be listened on (78).</exception>
    public static Socket Listen(string host, int port, InstanceRegistry registry)
    {
        var address = Resolve(host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));

            // Bound alone is not taken: with SO_REUSEADDR, which .NET sets, a second process could bind too.
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Refused(e, host, port, registry);
        }
    }

    /// <summary>The address as a URL a person on this box can open.</summary>
    public static string UrlOf(Socket socket, bool tls)
    {
        var bound = (IPEndPoint)socket.LocalEndPoint!;
        var shown = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : bound.Address;
        return $"{(tls ? "https" : "http")}://{new IPEndPoint(shown, bound.Port)}";
    }

    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Whether only this machine can reach it.</summary>
    public static bool IsLoopback(Socket socket) => IPAddress.IsLoopback(((IPEndPoint)socket.LocalEndPoint!).Address);

    private static IPAddress Resolve(string host)
    {
        if (host is "*" or "+")
        {
            return Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        }

        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return IPAddress.Loopback;
        }

        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            return address;
        }

        try
        {
            return Dns.GetHostAddresses(host)[0];
        }
        catch (Exception e) when (e is SocketException or IndexOutOfRangeException)
        {
            throw new InstanceRefusedException(
                "host_unknown", $"server.host '{host}' is not an address of this machine ({e.Message}). Use 127.0.0.1, 0.0.0.0 or one of its addresses.");
        }
    }

    private static InstanceRefusedException Refused(SocketException e, string host, int port, InstanceRegistry registry)
    {
        switch (e.SocketErrorCode)
        {
            case SocketError.AddressAlreadyInUse:
                var holder = registry.Live(sweep: false).FirstOrDefault(r => r.Port == port);
                var who = holder is null
                    ? "another program (no instance of this data home says it is its own)"
                    : $"the instance {holder.Instance ?? "(unscoped)"} (agent {holder.AgentName}, pid {holder.Pid}, since {holder.StartedAt:u})";
                return new InstanceRefusedException(
                    "port_taken",
                    $"Port {port} on {host} is held by {who}. Give this instance its own: --port, PROTOAGENT_PORT or server.port; 0 picks a free one.",
                    InstanceRefusedException.Held);
            case SocketError.AccessDenied:
                return new InstanceRefusedException(
                    "port_forbidden", $"This user may not listen on port {port} of {host}: ports below 1024 need a privilege. Use another --port.");
            default:
                return new InstanceRefusedException(
                    "host_unknown", $"server.host '{host}' can't be listened on ({e.Message}). Use 127.0.0.1, 0.0.0.0 or an address of this machine.");
        }
    }
}
