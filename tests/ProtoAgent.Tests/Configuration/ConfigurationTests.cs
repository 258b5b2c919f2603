using CsCheck;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Home => Path.Combine(_temp.Path, "home");

    private string Work => Directory.CreateDirectory(Path.Combine(_temp.Path, "work")).FullName;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Load_Nothing_TheDefaults()
    {
        var configuration = Load();
        configuration.Identity.IsScoped.ShouldBeFalse();
        (configuration.Settings.Server.Host, configuration.Settings.Server.Port).ShouldBe(("127.0.0.1", 7870));
        configuration.Settings.Model.Provider.ShouldBe("offline");
        configuration.Paths.DataHome.Path.ShouldBe(Path.Combine(Home, ".protoagent"));
        configuration.Warnings.ShouldBeEmpty();
        Directory.Exists(Home).ShouldBeFalse("reading writes nothing");
    }

    [Fact]
    public void ConfigKeys_EachDefault_IsAValueOfItsKey()
    {
        foreach (var key in ConfigKeys.All.Where(k => k.Default is not null))
        {
            ConfigValues.Problem(key, new RawValue(key.Default, null, ConfigLayer.Default, "default")).ShouldBeNull(key.Name);
        }

        ConfigKeys.All.SelectMany(k => k.Variables.Append(k.GenericVariable)).GroupBy(v => v).ShouldAllBe(g => g.Count() == 1);
        var documented = File.ReadAllText(Path.Combine(Architecture.SourceTree.Root, "docs/configuration.md"));
        ConfigKeys.All.Where(k => !documented.Contains($"`{k.Name}`", StringComparison.Ordinal)).Select(k => k.Name).ShouldBeEmpty("each setting stands in docs/configuration.md");
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "prot: 1", "line 1: unknown setting 'prot'" },
        { "server:\n  prot: 1", "line 2: unknown setting 'server.prot'. Did you mean 'server.port'?" },
        { "\n\nserver:\n  port: many", "line 4: 'server.port' is 'many' and must be a whole number from 0 to 65535" },
        { "server.port: 70000", "line 1: 'server.port' is '70000'" },
        { "server: 5", "line 1: 'server' is a group of settings" },
        { "server: [1]", "'server' is a group of settings" },
        { "- a\n- b", "line 1: the file must hold settings" },
        { "just text", "line 1: the file must hold settings" },
        { "server: {port: 1", "not valid YAML" },
        { "a: b: c", "line 1" },
        { "server: {port: 1}\nserver: {port: 2}", "line 2" },
        { "server: {port: 1}\nserver.port: 2", "line 2: 'server.port' is set twice" },
        { "model:\n  api_key: sk-oops", "line 2: 'model.api_key' is a secret" },
        { "model.names: {a: b}", "'model.names' must be a list of text" },
        { "model.base_url: ftp://x", "must be an http(s) address" },
        { "model.base_url: http://user:pass@x", "without a user name" },
        { "logging.level: inof", "Did you mean 'info'?" },
        { "server.allow_open: maybe", "must be true or false" },
        { "agent_name: a\n---\nagent_name: b", "a second document" },
        { "? [a, b]\n: c", "must be plain text" },
        { "model.provider: openai", "there is no model.name" },
        { "server.host: 0.0.0.0", "A2A_AUTH_TOKEN" },
        { "server.allow_origins: [\"http://localhost:3000/\"]", "'server.allow_origins' has 'http://localhost:3000/', which is no origin" },
        { "server.allow_origins: [\"null\"]", "which is no origin" },
        { "server.allow_origins: [\"*\"]", "which is no origin" },
        { "server.allow_hosts: [\"example.com:80\"]", "'server.allow_hosts' has 'example.com:80'" },
        { "server.trusted_proxies: [10.0.0.0/40]", "'server.trusted_proxies' has '10.0.0.0/40'" },
        { "server.tls.certificate: cert.pem", "line 1: 'server.tls.certificate' is set and 'server.tls.key' is not" },
        { "server:\n  tls: {key: key.pem}", "line 2: 'server.tls.key' is set and 'server.tls.certificate' is not" },
        { "telemetry.otlp_headers: a=b", "line 1: 'telemetry.otlp_headers' is a secret" },
        { "telemetry.otlp_endpoint: localhost:4318", "must be an http(s) address" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Load_AWrongFile_RefusedSayingWhereAndWhat(string yaml, string expected)
    {
        var file = Path.Combine(Work, "config.yaml");
        File.WriteAllText(file, yaml);
        var refused = Should.Throw<ConfigurationRefusedException>(() => Load());
        refused.Message.ShouldContain(expected);
        if (!expected.Contains("A2A", StringComparison.Ordinal) && !expected.Contains("model.name", StringComparison.Ordinal))
        {
            refused.Message.ShouldContain(file);
        }

        refused.Message.ShouldNotContain("sk-oops");
        refused.Message.ShouldNotContain("user:pass");
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("\ufeffagent_name: ada\n")]
    [InlineData("server:\n")]
    [InlineData("server: ~\nmodel: {names: [a, b]}")]
    [InlineData("agent_name: &n ada\nmodel: {names: [*n]}")]
    public void Load_AFileThatIsFine_Read(string yaml)
    {
        File.WriteAllText(Path.Combine(Work, "config.yaml"), yaml);
        Load().Settings.Server.Port.ShouldBe(7870);
    }

    [Fact]
    public void Load_OpenBeyondLoopback_StandingWarningUnlessThereIsAToken()
    {
        Load(("PROTOAGENT_HOST", "0.0.0.0"), ("PROTOAGENT_ALLOW_OPEN", "1")).Warnings.ShouldContain(w => w.Code == "open_beyond_loopback");
        Load(("PROTOAGENT_HOST", "0.0.0.0"), ("A2A_AUTH_TOKEN", "t")).Warnings.ShouldNotContain(w => w.Code == "open_beyond_loopback");
        Load(("PROTOAGENT_ALLOW_OPEN", "1")).Warnings.ShouldNotContain(w => w.Code == "open_beyond_loopback");
    }

    [Fact]
    public void Load_DoorsAsAsked_Typed()
    {
        File.WriteAllText(Path.Combine(Work, "config.yaml"), "server:\n  allow_origins: [http://localhost:3000]\n  trusted_proxies: [10.0.0.7, \"fd00::/8\"]\n  tls: {certificate: c.pem, key: ~/k.pem, hsts_days: 2}");
        var server = Load().Settings.Server;
        server.AllowOrigins.ShouldBe(["http://localhost:3000"]);
        server.TrustedProxies.Select(p => p.ToString()).ShouldBe(["10.0.0.7/32", "fd00::/8"]);
        server.Tls!.Certificate.ShouldBe(Path.Combine(Work, "c.pem"));
        server.Tls.Key.ShouldEndWith("/k.pem");
        server.Tls.Key.ShouldNotContain("~");
        server.Tls.Hsts.ShouldBe(TimeSpan.FromDays(2));
    }

    [Fact]
    public void Load_NestedWithoutEnd_RefusedNotCrashed()
    {
        File.WriteAllText(Path.Combine(Work, "config.yaml"), new string('[', 100_000));
        Should.Throw<ConfigurationRefusedException>(() => Load()).Message.ShouldContain("nested too deeply");
        File.WriteAllText(Path.Combine(Work, "config.yaml"), new string(' ', 2 << 20));
        Should.Throw<ConfigurationRefusedException>(() => Load()).Message.ShouldContain("larger than");
    }

    [Fact]
    public void Load_JunkTheParserStumblesOver_IsRefused()
    {
        File.WriteAllText(Path.Combine(Work, "config.yaml"), "instance_id: #: - \n: - : |");
        Should.Throw<ConfigurationRefusedException>(() => Load()).Message.ShouldContain("not valid YAML");
    }

    [Fact]
    public void Load_AnyJunk_RefusedOrReadNothingElse()
    {
        var file = Path.Combine(Work, "config.yaml");
        var pieces = Gen.OneOf("server", "port", "model", "names", "instance_id", ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", "&a", "*a", "!!x", "'", "\"", "#", "|", ">", "1", "~", "\t", "\0", "é", "%", "---", "...", "?");
        pieces.Array[0, 25].Sample(
            parts =>
            {
                File.WriteAllText(file, string.Concat(parts));
                try
                {
                    Load();
                }
                catch (Exception e) when (e is ConfigurationRefusedException or InstanceRefusedException)
                {
                    e.Message.ShouldNotBeEmpty();
                }
            },
            threads: 1);
    }

    [Fact]
    public void Load_FileGivenAndMissing_Refused()
    {
        Should.Throw<ConfigurationRefusedException>(() => Load(config: "none.yaml")).Message.ShouldContain("--config, does not exist");
        Should.Throw<ConfigurationRefusedException>(() => Load(("PROTOAGENT_CONFIG", "none.yaml"))).Message.ShouldContain("PROTOAGENT_CONFIG");
    }

    [Fact]
    public void Load_WorkingDirectoryIsTheDataHome_TheBoxFileReadOnceAsTheBoxs()
    {
        var home = Directory.CreateDirectory(Path.Combine(Home, ".protoagent")).FullName;
        File.WriteAllText(Path.Combine(home, "config.yaml"), "instance_id: alice");
        Should.Throw<ConfigurationRefusedException>(() => Load(work: home)).Message.ShouldContain("every instance");
        File.WriteAllText(Path.Combine(home, "config.yaml"), "server: {port: 1234}");
        var configuration = Load(work: home);
        configuration.Entries.Single(e => e.Key == "server.port").ShouldSatisfyAllConditions(e => e.Value.ShouldBe("1234"), e => e.Layer.ShouldBe(ConfigLayer.Box));
        configuration.Files.Count(f => f.Read).ShouldBe(1);
    }

    [Fact]
    public void Load_Secrets_FromTheFileThenTheEnvironmentAndNeverShown()
    {
        var secrets = Path.Combine(Directory.CreateDirectory(Path.Combine(Home, ".protoagent")).FullName, "secrets.yaml");
        File.WriteAllText(secrets, "auth: {token: filed-token}\n");
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var configuration = Load();
        configuration.Settings.Auth.Token.ShouldBe("filed-token");
        configuration.Settings.ToString().ShouldNotContain("filed-token");
        configuration.Entries.ShouldAllBe(e => e.Value != "filed-token");
        Load(("A2A_AUTH_TOKEN", "env-token")).Settings.Auth.Token.ShouldBe("env-token");

        File.WriteAllText(secrets, "server: {port: 1}\nauth: {token: 'two words'}\n");
        var refused = Should.Throw<ConfigurationRefusedException>(() => Load());
        refused.Problems.Count.ShouldBe(2);
        refused.Message.ShouldContain("'server.port' is no secret");
        refused.Message.ShouldNotContain("two words");
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("localhost", true)]
    [InlineData("::1", true)]
    [InlineData("[::1]", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("192.168.1.5", false)]
    [InlineData("example.org", false)]
    [InlineData("*", false)]
    public void Load_Host_OpenOnlyOnLoopback(string host, bool fine)
    {
        if (fine)
        {
            Load(("PROTOAGENT_HOST", host)).Settings.Server.Host.ShouldBe(host);
        }
        else
        {
            Should.Throw<ConfigurationRefusedException>(() => Load(("PROTOAGENT_HOST", host)));
            Load(("PROTOAGENT_HOST", host), ("A2A_AUTH_TOKEN", "t")).Settings.Server.Host.ShouldBe(host);
            Load(("PROTOAGENT_HOST", host), ("PROTOAGENT_ALLOW_OPEN", "1")).Settings.Server.Host.ShouldBe(host);
        }
    }

    [Fact]
    public void Load_Overrides_RelativeAndTilde()
    {
        var paths = Load(("MEMORY_PATH", "~/mem"), ("KNOWLEDGE_DB_PATH", "kb.db"), ("PROTOAGENT_INSTANCE", "alice")).Paths;
        paths.Memory.ShouldBe(Path.Combine(Home, "alice/mem"));
        paths.Knowledge.ShouldBe(Path.Combine(Work, "alice/kb.db"));
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData(" YES ", true)]
    [InlineData("on", true)]
    [InlineData("0", false)]
    [InlineData("nope", false)]
    public void Load_AutoScope_Truthy(string value, bool scoped) => Load(("PROTOAGENT_AUTO_SCOPE", value)).Identity.IsScoped.ShouldBe(scoped);

    private InstanceConfiguration Load(params (string Name, string Value)[] environment) => Load(null, null, environment);

    private InstanceConfiguration Load(string? config = null, string? work = null, params (string Name, string Value)[] environment) => InstanceConfiguration.Load(
        new ConfigSources(environment.ToDictionary(e => e.Name, e => e.Value), work ?? Work, Home, config, new Dictionary<string, string>()));
}
