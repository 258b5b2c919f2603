using ProtoAgent.Instances;

namespace ProtoAgent.Configuration;

/// <summary>The standing problem of an instance that anybody who reaches its port may use, because it was told to be one.</summary>
internal static class OpenDoor
{
    public static IEnumerable<StandingWarning> Warnings(Settings settings)
    {
        var server = settings.Server;
        if (settings.Auth is { Token: null, FederationToken: null } && !ServerSettingsBuilder.IsLoopback(server.Host))
        {
            yield return new StandingWarning(
                "open_beyond_loopback",
                $"everybody who reaches {server.Host} is this agent's operator: it listens beyond loopback, there is no token, and server.allow_open says so.",
                "Set A2A_AUTH_TOKEN, unless something in front of it asks for one; then name its hosts in server.allow_hosts, so that no page in a browser behind it gets through by another name.");
        }
    }
}
