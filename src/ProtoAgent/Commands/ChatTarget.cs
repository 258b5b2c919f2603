using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Commands;

/// <summary>The running instance a command talks to.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Token">Secret; null where none is set.</param>
/// <param name="Certificate">The file of the certificate the instance shows by this configuration; null where it speaks plain HTTP.</param>
internal sealed record ChatTarget(string Name, Uri Url, string? Token, string? Certificate)
{
    /// <summary>The live process on this configuration's root, of several the one that owns the schedule, or <paramref name="url"/>. Null, with the reason on stderr, if there is none.</summary>
    public static ChatTarget? Find(InstanceConfiguration configuration, string? url)
    {
        var token = configuration.Settings.Auth.Token;
        var certificate = configuration.Settings.Server.Tls?.Certificate;
        if (url is not null)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var given) && given.Scheme is "http" or "https")
            {
                return new ChatTarget(given.Authority, given, token, certificate);
            }

            Console.Error.WriteLine($"protoagent: --url '{url}' is not an http(s) address. Use for example --url http://127.0.0.1:7871");
            return null;
        }

        var paths = configuration.Paths;
        var live = new InstanceRegistry(paths.Registry).Live().Where(r => r.Root == paths.Root).OrderByDescending(r => r.Scheduler == "running").ToList();
        if (live.Count == 0)
        {
            var id = paths.Identity.Id is { } scoped ? $"PROTOAGENT_INSTANCE={scoped} " : "";
            Console.Error.WriteLine(
                $"protoagent: the instance {paths.Identity.Display} isn't running in {paths.DataHome.Path}. Start it with: {id}protoagent serve\n"
                + "'protoagent ps' lists those that run.");
            return null;
        }

        if (live.Count > 1)
        {
            Console.Error.WriteLine(
                $"protoagent: {live.Count} processes run on {paths.Root}; talking to the one on port {live[0].Port} (--url picks another).");
        }

        return new ChatTarget(paths.Identity.Display, new Uri(live[0].Url), token, certificate);
    }

    public HttpClient Client()
    {
        // No bound of ours on a turn: the instance has its own, and says so when it is reached.
        var http = new HttpClient(Handler()) { BaseAddress = Url, Timeout = Timeout.InfiniteTimeSpan };
        if (Token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        return http;
    }

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (Certificate is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, errors) => errors == SslPolicyErrors.None || IsOwn(shown);
        }

        return handler;
    }

    /// <summary>
    /// The very certificate this configuration names is the instance's, whoever signed it and whatever name it is for: it is reached by its address
    /// here. Read at that moment, as the instance does when it is replaced.
    /// </summary>
    private bool IsOwn(X509Certificate? shown)
    {
        try
        {
            using var own = X509CertificateLoader.LoadCertificateFromFile(Certificate!);
            return shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(own.RawData);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
