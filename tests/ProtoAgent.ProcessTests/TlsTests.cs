using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>HTTPS by certificate files.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly Sandbox _box = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task Serve_WithACertificate_SpeaksHttpsAloneAndTheCommandsTrustIt()
    {
        var (certificate, files) = Pair("one");
        var agent = await _box.ServeAsync("alice", environment: files);
        using var http = Client(agent, () => certificate, out var shown);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
        shown.ShouldHaveSingleItem().ShouldBe(certificate.Thumbprint);
        (await _box.RunAsync(["ps", "--json"])).Output.ShouldContain($"https://127.0.0.1:{agent.Port}");
        var chat = await _box.RunAsync(["chat", "over a closed line"], "alice", files);
        chat.ExitCode.ShouldBe(0, chat.Error);
        chat.Output.ShouldContain("over a closed line");

        // Whose configuration names another certificate does not trust this one.
        var (_, others) = Pair("other");
        (await _box.RunAsync(["chat", "hello"], "alice", others)).ExitCode.ShouldNotBe(0);
        using var plain = new HttpClient();
        await Should.ThrowAsync<HttpRequestException>(() => plain.GetAsync($"http://127.0.0.1:{agent.Port}/healthz"));
        using var tcp = new System.Net.Sockets.TcpClient("127.0.0.1", agent.Port);
        await using var old = new SslStream(tcp.GetStream(), false, (_, shown, _, _) => shown is not null);
#pragma warning disable SYSLIB0039, CA5397 // Being refused with it is the point.
        await Should.ThrowAsync<Exception>(() => old.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls11 }));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task Certificate_Replaced_ShownFromTheNextHandshakeOnAndNoConnectionDropped()
    {
        var (first, files) = Pair("one");
        var agent = await _box.ServeAsync("alice", environment: files);
        using var before = Client(agent, () => first, out _);
        (await before.GetAsync("/healthz")).EnsureSuccessStatusCode();

        // The certificate alone: no pair, so the one before stays.
        var (second, _) = Pair("two");
        File.Copy(Path.Combine(_box.Root, "two.pem"), Path.Combine(_box.Root, "one.pem"), overwrite: true);
        using (var between = Client(agent, () => first, out var shown))
        {
            (await between.GetAsync("/healthz")).EnsureSuccessStatusCode();
            shown.ShouldBe([first.Thumbprint]);
            (await between.GetStringAsync("/api/runtime/status")).ShouldContain("tls_not_reloaded");
        }

        File.Copy(Path.Combine(_box.Root, "two.key"), Path.Combine(_box.Root, "one.key"), overwrite: true);
        using (var after = Client(agent, () => second, out var shown))
        {
            (await after.GetAsync("/healthz")).EnsureSuccessStatusCode();
            shown.ShouldBe([second.Thumbprint]);
            (await after.GetStringAsync("/api/runtime/status")).ShouldNotContain("tls_not_reloaded");
        }

        // On the connection it has had from the beginning: another handshake would show a certificate it does not take.
        (await before.GetAsync("/healthz")).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData("missing", "can't be read")]
    [InlineData("no certificate", "holds no certificate")]
    [InlineData("no key", "holds no private key")]
    [InlineData("encrypted", "is encrypted")]
    [InlineData("mismatched", "is not the key of the certificate")]
    [InlineData("expired", "is good from")]
    [InlineData("not yet", "is good from")]
    public async Task Serve_WithAPairThatCannotBeUsed_RefusedNamingTheFileAndWritesNothing(string how, string expected)
    {
        var now = DateTimeOffset.UtcNow;
        var (_, files) = how switch
        {
            "expired" => Pair("one", now.AddDays(-20), now.AddDays(-1)),
            "not yet" => Pair("one", now.AddDays(1), now.AddDays(20)),
            _ => Pair("one"),
        };
        var (certificate, key) = (Path.Combine(_box.Root, "one.pem"), Path.Combine(_box.Root, "one.key"));
        switch (how)
        {
            case "missing":
                File.Delete(certificate);
                break;
            case "no certificate":
                File.WriteAllText(certificate, "nothing of the kind");
                break;
            case "no key":
                File.WriteAllText(key, "nothing of the kind");
                break;
            case "encrypted":
                using (var other = RSA.Create(2048))
                {
                    File.WriteAllText(key, other.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
                }

                break;
            case "mismatched":
                Pair("two");
                File.Copy(Path.Combine(_box.Root, "two.key"), key, overwrite: true);
                break;
            default:
                break;
        }

        var refused = await _box.ServeRefusedAsync("alice", environment: files);
        refused.ExitCode.ShouldBe(78, refused.Error);
        refused.Error.ShouldContain(expected);
        refused.Error.ShouldContain(how is "no key" or "encrypted" or "mismatched" ? key : certificate);
        Directory.Exists(_box.DataHome).ShouldBeFalse();
    }

    private (X509Certificate2 Certificate, Dictionary<string, string> Files) Pair(string name, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}.example", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(from ?? DateTimeOffset.UtcNow.AddDays(-1), until ?? DateTimeOffset.UtcNow.AddDays(30));
        var (certificateFile, keyFile) = (Path.Combine(_box.Root, $"{name}.pem"), Path.Combine(_box.Root, $"{name}.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificate, new() { ["PROTOAGENT_SERVER__TLS__CERTIFICATE"] = certificateFile, ["PROTOAGENT_SERVER__TLS__KEY"] = keyFile });
    }

    private static HttpClient Client(AgentProcess agent, Func<X509Certificate2> expected, out List<string> shown)
    {
        var seen = shown = [];
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            seen.Add(((X509Certificate2)certificate!).Thumbprint);
            return seen[^1] == expected().Thumbprint;
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{agent.Port}") };
    }
}
