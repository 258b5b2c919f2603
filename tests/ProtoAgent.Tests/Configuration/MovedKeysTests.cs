using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

/// <summary>No change of an address sends a key to a server that it was not given for.</summary>
public sealed class MovedKeysTests : IDisposable
{
    private const string Config = "model:\n  provider: openai\n  base_url: https://one.example/v1\n  name: x\n";

    private readonly TempFolder _temp = new();

    private string Home => Directory.CreateDirectory(Path.Combine(_temp.Path, ".protoagent")).FullName;

    private string Root => Directory.CreateDirectory(Path.Combine(Home, "alice")).FullName;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("model.base_url", "https://two.example/v1")]
    [InlineData("model.base_url", "http://one.example/v1")]
    [InlineData("model.base_url", null)]
    [InlineData("model.provider", "anthropic")]
    public void Write_AnotherServerAndNoKey_TakesTheOldKeyOut(string key, string? value)
    {
        Given(Config, "model: {api_key: sk-old}\n");
        var writer = Writer();
        var values = Values((key, value));
        if (key == "model.provider")
        {
            values["model.base_url"] = null;
        }

        writer.Write(values).TakenOut.ShouldBe(["model.api_key"]);

        writer.Current.Settings.Model.ApiKey.ShouldBeNull();
        File.ReadAllText(Path.Combine(Root, "secrets.yaml")).ShouldNotContain("sk-old");
    }

    [Theory]
    [InlineData("model.base_url", "https://one.example/other")]
    [InlineData("model.name", "y")]
    public void Write_TheSameServer_KeepsTheKey(string key, string value)
    {
        Given(Config, "model: {api_key: sk-old}\n");
        var writer = Writer();

        writer.Write(Values((key, value))).TakenOut.ShouldBeEmpty();

        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-old");
    }

    [Fact]
    public void Write_AnotherServerWithItsKey_IsSentThatOne()
    {
        Given(Config, "model: {api_key: sk-old}\n");
        var writer = Writer();

        writer.Write(Values(("model.base_url", "https://two.example/v1"), ("model.api_key", "sk-new"))).TakenOut.ShouldBeEmpty();

        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-new");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("sk-new")]
    public void Write_AnotherServerAndAKeyOfTheEnvironment_IsRefused(string? given)
    {
        Given(Config, null);
        var values = Values(("model.base_url", "https://two.example/v1"));
        if (given is not null)
        {
            values["model.api_key"] = new ConfigWriter.NewValue(given, null);
        }

        Should.Throw<ConfigurationRefusedException>(() => Writer(("OPENAI_API_KEY", "sk-env")).Write(values)).Problems.ShouldHaveSingleItem().ShouldContain("the environment variable OPENAI_API_KEY");

        File.ReadAllText(Path.Combine(Root, "config.yaml")).ShouldBe(Config);
    }

    [Fact]
    public void Write_TheSameKeyOfTheEnvironmentSentAlong_IsWhatWasMeant()
    {
        Given(Config, null);
        var writer = Writer(("OPENAI_API_KEY", "sk-env"));

        writer.Write(Values(("model.base_url", "https://two.example/v1"), ("model.api_key", "sk-env")));

        writer.Current.Settings.Model.BaseUrl.ShouldBe(new Uri("https://two.example/v1"));
    }

    [Fact]
    public void Write_AnotherServerAndAKeyOfTheBox_IsRefusedUntilOneTakesItsPlace()
    {
        Given(Config, null);
        Secret(Path.Combine(Home, "secrets.yaml"), "model: {api_key: sk-box}\n");
        var writer = Writer();

        Should.Throw<ConfigurationRefusedException>(() => writer.Write(Values(("model.base_url", "https://two.example/v1")))).Message.ShouldContain("Send 'model.api_key' along");
        writer.Write(Values(("model.base_url", "https://two.example/v1"), ("model.api_key", "none")));

        writer.Current.Settings.Model.ApiKey.ShouldBe("none");
    }

    [Fact]
    public void Write_TheVendorsAddress_MayHaveTheVendorsOwnVariable()
    {
        Given("model: {provider: offline}\n", null);
        var writer = Writer(("ANTHROPIC_API_KEY", "sk-ant"));

        writer.Write(Values(("model.provider", "anthropic"), ("model.name", "claude")));

        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-ant");
    }

    [Fact]
    public void Write_TheVendorsAddress_MayNotHaveWhatAProxyGets()
    {
        Given(Config, null);

        Should.Throw<ConfigurationRefusedException>(() => Writer(("OPENAI_API_KEY", "sk-proxy")).Write(Values(("model.base_url", null))));
    }

    [Fact]
    public void Write_TheAddressWrittenDownThatWasTheDefault_HasNotMoved()
    {
        Given("model: {provider: openai, name: x}\n", "model: {api_key: sk-old}\n");
        var writer = Writer();

        writer.Write(Values(("model.base_url", "https://api.openai.com/v1"))).TakenOut.ShouldBeEmpty();

        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-old");
    }

    [Fact]
    public void Write_EmbeddingsElsewhere_LeaveTheirKeyBehind()
    {
        Given(Config + "knowledge: {embeddings: {model: e, base_url: https://e.example/v1}}\n", "model: {api_key: sk-old}\nknowledge: {embeddings: {api_key: sk-e}}\n");
        var writer = Writer();

        writer.Write(Values(("knowledge.embeddings.base_url", "https://f.example/v1"))).TakenOut.ShouldBe(["knowledge.embeddings.api_key"]);

        writer.Current.Settings.Knowledge.Embeddings!.ApiKey.ShouldBeNull();
        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-old");
    }

    [Fact]
    public void Write_AFurtherModelThatWouldMoveAlongWithAKeyOfItsOwn_IsRefused()
    {
        Given(Config + "models: {fast: {model: y}}\n", "models: {fast: {api_key: sk-fast}}\n");

        Should.Throw<ConfigurationRefusedException>(() => Writer().Write(Values(("model.base_url", "https://two.example/v1")))).Message.ShouldContain("models.fast.api_key");
    }

    private void Given(string config, string? secrets)
    {
        File.WriteAllText(Path.Combine(Root, "config.yaml"), config);
        if (secrets is not null)
        {
            Secret(Path.Combine(Root, "secrets.yaml"), secrets);
        }
    }

    private static void Secret(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private ConfigWriter Writer(params (string Name, string Value)[] environment) => new(InstanceConfiguration.Load(new ConfigSources(
        environment.Append(("PROTOAGENT_INSTANCE", "alice")).ToDictionary(e => e.Item1, e => e.Item2), _temp.Path, _temp.Path, null, new Dictionary<string, string>())));

    private static Dictionary<string, ConfigWriter.NewValue?> Values(params (string Key, string? Value)[] values) =>
        values.ToDictionary(v => v.Key, v => v.Value is null ? null : new ConfigWriter.NewValue(v.Value, null));
}
