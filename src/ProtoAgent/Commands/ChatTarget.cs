using System.Net.Http.Headers;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Commands;

/// <summary>The running instance a command talks to.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Token">Secret; null where none is set.</param>
internal sealed record ChatTarget(string Name, Uri Url, string? Token)
{
    /// <summary>The live process on this configuration's root, of several the one that owns the schedule, or <paramref name="url"/>. Null, with the reason on stderr, if there is none.</summary>
    /// <param name="complain">Where the reason goes instead; null for stderr.</param>
    public static ChatTarget? Find(InstanceConfiguration configuration, string? url, TextWriter? complain = null)
    {
        complain ??= Console.Error;
        var token = configuration.Settings.Auth.Token;
        if (url is not null)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var given) && given.Scheme is "http" or "https")
            {
                return new ChatTarget(given.Authority, given, token);
            }

            complain.WriteLine($"protoagent: --url '{url}' is not an http(s) address. Use for example --url http://127.0.0.1:7871");
            return null;
        }

        var paths = configuration.Paths;
        var live = new InstanceRegistry(paths.Registry).Live().Where(r => r.Root == paths.Root).OrderByDescending(r => r.Scheduler == "running").ToList();
        if (live.Count == 0)
        {
            var id = paths.Identity.Id is { } scoped ? $"PROTOAGENT_INSTANCE={scoped} " : "";
            complain.WriteLine(
                $"protoagent: the instance {paths.Identity.Display} isn't running in {paths.DataHome.Path}. Start it with: {id}protoagent serve\n"
                + "'protoagent ps' lists those that run.");
            return null;
        }

        if (live.Count > 1)
        {
            complain.WriteLine(
                $"protoagent: {live.Count} processes run on {paths.Root}; talking to the one on port {live[0].Port} (--url picks another).");
        }

        return new ChatTarget(paths.Identity.Display, new Uri(live[0].Url), token);
    }

    public HttpClient Client()
    {
        // No bound of ours on a turn: the instance has its own, and says so when it is reached.
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };
        if (Token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        return http;
    }
}
