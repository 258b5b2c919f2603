using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;

namespace ProtoAgent.Composition;

/// <summary>
/// The certificate the instance shows, read again when its files change: at a handshake, where two looks at the file system cost nothing, so
/// nothing watches and nothing polls. Connections that are open keep theirs. A pair that can't be used, as while one file is written and the other
/// not yet, changes nothing and is said.
/// </summary>
internal sealed partial class TlsCertificate
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    private readonly Lock _gate = new();
    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private (FileState Certificate, FileState Key) _seen;
    private Loaded _loaded;
    private string? _problem;

    /// <exception cref="InstanceRefusedException">The pair can't be used; the message names the file.</exception>
    public TlsCertificate(TlsSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _seen = Look();
        _loaded = Load(settings, time);
    }

    /// <summary>Set once there is one: the pair is read before a start may write anything.</summary>
    public ILogger Log { get; set; } = NullLogger.Instance;

    /// <summary>What a handshake is answered with.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = Current().Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };

    public IEnumerable<StandingWarning> Warnings()
    {
        var current = Current();
        if (Volatile.Read(ref _problem) is { } problem)
        {
            yield return new StandingWarning("tls_not_reloaded", $"the certificate's files changed and can't be used, so the one before is shown still: {problem}", "Put the pair right; no restart is needed.");
        }

        if (current.NotAfter - _time.GetUtcNow() is var left && left < s_soon)
        {
            yield return new StandingWarning(
                "certificate_expires", $"the certificate {_settings.Certificate} {(left > TimeSpan.Zero ? "expires" : "expired")} on {current.NotAfter:yyyy-MM-dd HH:mm}Z.",
                "Replace it and its key; no restart is needed.");
        }
    }

    private Loaded Current()
    {
        var now = Look();
        lock (_gate)
        {
            if (now != _seen)
            {
                _seen = now;
                Reload();
            }

            return _loaded;
        }
    }

    private void Reload()
    {
        try
        {
            // The one before isn't disposed of: handshakes go on with it. It goes when nobody holds it.
            _loaded = Load(_settings, _time);
            _problem = null;
            LogReloaded(Log, _settings.Certificate, _loaded.NotAfter);
        }
        catch (InstanceRefusedException e)
        {
            _problem = e.Message;
            LogKept(Log, e.Message);
        }
    }

    private (FileState Certificate, FileState Key) Look() => (FileState.Of(_settings.Certificate), FileState.Of(_settings.Key));

    private static Loaded Load(TlsSettings settings, TimeProvider time)
    {
        var (certificate, key) = (Read(settings.Certificate, "server.tls.certificate"), Read(settings.Key, "server.tls.key"));
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificate);
        }
        catch (CryptographicException e)
        {
            throw Refused("tls_certificate_unusable", $"{settings.Certificate} (server.tls.certificate) holds a certificate that can't be read: {e.Message}");
        }

        if (chain.Count == 0)
        {
            throw Refused("tls_certificate_unusable", $"{settings.Certificate} (server.tls.certificate) holds no certificate in PEM ('-----BEGIN CERTIFICATE-----').");
        }

        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw Refused("tls_key_unusable", $"{settings.Key} (server.tls.key) is encrypted, and nobody is there to type its password. Decrypt it (openssl pkey -in … -out …) and keep the file to this user (chmod 600).");
        }

        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw Refused("tls_key_unusable", $"{settings.Key} (server.tls.key) holds no private key in PEM ('-----BEGIN PRIVATE KEY-----').");
        }

        X509Certificate2 pair;
        try
        {
            pair = X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Refused(
                "tls_key_unusable",
                $"{settings.Key} (server.tls.key) is not the key of the certificate in {settings.Certificate} (server.tls.certificate), which must stand first there, or can't be read: {e.Message}");
        }

        var loaded = new Loaded(pair, SslStreamCertificateContext.Create(pair, chain, offline: true));
        var (from, until, now) = (new DateTimeOffset(pair.NotBefore), loaded.NotAfter, time.GetUtcNow());
        if (now < from || now > until)
        {
            throw Refused(
                "tls_certificate_expired",
                $"the certificate in {settings.Certificate} (server.tls.certificate) is good from {from.UtcDateTime:yyyy-MM-dd HH:mm}Z to {until.UtcDateTime:yyyy-MM-dd HH:mm}Z, and it is {now.UtcDateTime:yyyy-MM-dd HH:mm}Z. Replace it and its key.");
        }

        return loaded;
    }

    private static string Read(string path, string key)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused("tls_file_unreadable", $"{path} ({key}) can't be read: {e.Message}");
        }
    }

    private static InstanceRefusedException Refused(string code, string message) => new(code, message);

    [LoggerMessage(EventName = "certificate_reloaded", Level = LogLevel.Information, Message = "the certificate in {File} changed and is shown from here on; it is good until {Until:u}")]
    private static partial void LogReloaded(ILogger log, string file, DateTimeOffset until);

    [LoggerMessage(EventName = "certificate_kept", Level = LogLevel.Warning, Message = "the certificate's files changed and can't be used, so the one before is shown still: {Problem}")]
    private static partial void LogKept(ILogger log, string problem);

    private sealed record Loaded(X509Certificate2 Pair, SslStreamCertificateContext Context)
    {
        public DateTimeOffset NotAfter { get; } = new(Pair.NotAfter);
    }

    /// <summary>Which file stands at a path, as far as that can be seen without reading it; through links, which is how Kubernetes swaps it.</summary>
    private readonly record struct FileState(string? Target, DateTime Changed, long Length)
    {
        public static FileState Of(string path)
        {
            try
            {
                var file = new FileInfo(path);
                var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                return target.Exists ? new(target.FullName, target.LastWriteTimeUtc, target.Length) : default;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return default;
            }
        }
    }
}
