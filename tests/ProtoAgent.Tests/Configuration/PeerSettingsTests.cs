using ProtoAgent.Configuration;
using ProtoAgent.Protocols.A2A.Client;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class PeerSettingsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Load_Nothing_IsNoPeerAndThreeHops()
    {
        var peers = Load().Settings.Peers;
        peers.Peers.ShouldBeEmpty();
        peers.MaxHops.ShouldBe(3);
    }

    [Fact]
    public void Load_APeer_IsItWithItsTokenKeptBack()
    {
        var configuration = Load(
            ("PROTOAGENT_A2A__PEERS__BOB__URL", "http://127.0.0.1:1"), ("PROTOAGENT_A2A__PEERS__BOB__TOKEN", "hidden-token"), ("PROTOAGENT_A2A__PEERS__BOB__DESCRIPTION", "helps"),
            ("PROTOAGENT_A2A__PEERS__BOB__TIMEOUT_SECONDS", "7"), ("PROTOAGENT_A2A__MAX_HOPS", "1"));
        var peers = configuration.Settings.Peers;
        peers.Peers.Single().ShouldBe(new PeerOptions("bob", new Uri("http://127.0.0.1:1")) { Token = "hidden-token", Description = "helps", Timeout = TimeSpan.FromSeconds(7) });
        peers.MaxHops.ShouldBe(1);
        ConfiguredSecrets.Of(configuration.Settings).ShouldBe(["hidden-token"]);
        peers.Peers.Single().ToString().ShouldNotContain("hidden-token");
        configuration.Entries.ShouldAllBe(e => e.Value == null || !e.Value.Contains("hidden-token"));
    }

    [Theory]
    [InlineData("PROTOAGENT_A2A__PEERS__BOB__DESCRIPTION", "helps", "a2a.peers.bob lacks 'url'")]
    [InlineData("PROTOAGENT_A2A__PEERS__BOB__URL", "bob", "must be an http(s) address")]
    [InlineData("PROTOAGENT_A2A__MAX_HOPS", "-1", "a whole number from 0 to 100")]
    public void Load_APeerThatCantBe_Refused(string name, string value, string expected) =>
        Should.Throw<ConfigurationRefusedException>(() => Load((name, value))).Message.ShouldContain(expected);

    private InstanceConfiguration Load(params (string Name, string Value)[] environment) => InstanceConfiguration.Load(
        new ConfigSources(environment.ToDictionary(e => e.Name, e => e.Value), _temp.Path, Path.Combine(_temp.Path, "home"), null, new Dictionary<string, string>()));
}
