using ProtoAgent.Agent.Models;
using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class ModelSettingsTests : IDisposable
{
    private const string OpenAIKey = "sk-open";
    private const string AnthropicKey = "sk-ant";

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    public static TheoryData<string, string, string?, string?> Providers => new()
    {
        // What is set; then whose model it is, with which key, and where.
        { "", "offline", null, null },
        { "OPENAI_API_KEY=sk-open", "openai", OpenAIKey, null },
        { "ANTHROPIC_API_KEY=sk-ant", "anthropic", AnthropicKey, null },
        { "ANTHROPIC_API_KEY=sk-ant OPENAI_API_KEY=sk-open", "openai", OpenAIKey, null },
        { "ANTHROPIC_API_KEY=sk-ant PROTOAGENT_MODEL_BASE_URL=http://h/v1", "openai", null, "http://h/v1" },
        { "ANTHROPIC_API_KEY=sk-ant OPENAI_API_KEY=sk-open PROTOAGENT_MODEL_PROVIDER=anthropic", "anthropic", AnthropicKey, null },
        { "OPENAI_API_KEY=sk-open OPENAI_BASE_URL=http://h/v1 PROTOAGENT_MODEL_PROVIDER=anthropic", "anthropic", null, null },
        { "PROTOAGENT_MODEL__API_KEY=sk-own PROTOAGENT_MODEL_BASE_URL=http://h/ PROTOAGENT_MODEL_PROVIDER=anthropic", "anthropic", "sk-own", "http://h/" },
        { "OPENAI_API_KEY=sk-open PROTOAGENT_MODEL_PROVIDER=offline", "offline", null, null },
    };

    [Theory]
    [MemberData(nameof(Providers))]
    public void Load_Provider_WithItsOwnKeyAndAddressAlone(string environment, string provider, string? key, string? url)
    {
        var model = Load("", environment + " PROTOAGENT_MODEL=m");
        (model.Provider, model.ApiKey, model.BaseUrl?.ToString()).ShouldBe((provider, key, url));
        model.Name.ShouldBe(provider == "offline" ? "offline" : "m");
    }

    [Fact]
    public void Load_FurtherModels_InheritWhatIsTheSame()
    {
        var model = Load(
            """
            model: {name: big, names: [also], base_url: http://h:1/v1, timeout_seconds: 60, retries: 1, max_output_tokens: 500, input_price: 3, output_price: 15.5, fallbacks: [fast, also]}
            models:
              fast: {model: small-1, timeout_seconds: 5, max_output_tokens: 50, input_price: 0.25, output_price: 1}
              near: {base_url: http://127.0.0.1:11434/v1}
              path: {base_url: http://h:1/other}
              claude: {provider: anthropic, model: claude-x}
              plain: {provider: offline}
            """,
            "OPENAI_API_KEY=sk-open ANTHROPIC_API_KEY=sk-ant");
        (model.Price, model.MaxOutputTokens, model.Timeout).ShouldBe((new ModelPrice(3, 15.5m), 500, TimeSpan.FromSeconds(60)));
        model.Fallbacks.ShouldBe(["fast", "also"]);
        model.Others.Keys.ShouldBe(["claude", "fast", "near", "path", "plain"], ignoreOrder: true);

        var fast = model.Others["fast"];
        (fast.Provider, fast.Name, fast.BaseUrl, fast.ApiKey, fast.Timeout, fast.Retries, fast.MaxOutputTokens, fast.Price, fast.Group)
            .ShouldBe(("openai", "small-1", model.BaseUrl, OpenAIKey, TimeSpan.FromSeconds(5), 1, 50, new ModelPrice(0.25m, 1), "models.fast"));
        var near = model.Others["near"];
        (near.Name, near.Timeout, near.MaxOutputTokens, near.Price).ShouldBe(("near", model.Timeout, 500, null));
        near.ApiKey.ShouldBeNull("another endpoint does not get the key");
        model.Others["path"].ApiKey.ShouldBe(OpenAIKey);
        var claude = model.Others["claude"];
        (claude.Provider, claude.BaseUrl, claude.ApiKey, claude.MaxOutputTokens).ShouldBe(("anthropic", null, AnthropicKey, null));
        (model.Others["plain"].Provider, model.Others["plain"].ApiKey).ShouldBe(("offline", null));
    }

    [Fact]
    public void Load_FurtherModelsKey_FromTheEnvironmentInTheFilesSpelling()
    {
        var configuration = Configuration("models: {Fast: {base_url: http://h/v1}}", "PROTOAGENT_MODELS__FAST__API_KEY=sk-fast PROTOAGENT_MODELS__SLOW__MODEL=s");
        var model = configuration.Settings.Model;
        (model.Others["Fast"].ApiKey, model.Others["Fast"].Provider).ShouldBe(("sk-fast", "openai"));
        (model.Others["slow"].Name, model.Provider).ShouldBe(("s", "offline"));
        configuration.Entries.ShouldAllBe(e => e.Value != "sk-fast");
        configuration.Settings.ToString().ShouldNotContain("sk-fast");
        configuration.Warnings.ShouldBeEmpty();
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "model: {provider: anthropic}", "model.provider is anthropic and there is no model.name" },
        { "model: {provider: antropic}", "Did you mean 'anthropic'?" },
        { "model: {input_price: 1}", "Set model.input_price and model.output_price together" },
        { "models: {fast: {output_price: 1}}", "Set models.fast.input_price and models.fast.output_price together" },
        { "model: {input_price: -1, output_price: 1}", "'model.input_price' is '-1' and must be a number from 0 to 1000000, like 2.5" },
        { "model: {input_price: '1,5', output_price: 1}", "must be a number" },
        { "models: {fast: {api_key: sk-oops}}", "'models.fast.api_key' is a secret and may not stand in this file. Move it to secrets.yaml" },
        { "models: {fast: {urls: x}}", "unknown setting 'models.fast.urls'" },
        { "models: {fast: small}", "'models.fast' is a group" },
        { "models: {fast: {max_output_tokens: 0}}", "'models.fast.max_output_tokens' is '0'" },
        { "model: {provider: openai, name: m}\nmodels: {m: {model: x}}", "models.m has the name of the default model" },
        { "model: {provider: openai, name: m, fallbacks: [m]}", "names 'm', which is the default itself" },
        { "model: {provider: openai, name: m, names: [small], fallbacks: [smal]}", "names 'smal', which is not configured. Add it to model.names, or as models.smal. Did you mean 'small'?" },
        { "model: {provider: openai, name: m, names: [a], fallbacks: [a, a]}", "names 'a' twice" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Load_WrongModels_RefusedSayingWhatToDo(string yaml, string expected)
    {
        var refused = Should.Throw<ConfigurationRefusedException>(() => Load(yaml));
        refused.Problems.Count.ShouldBe(1, refused.Message);
        refused.Message.ShouldContain(expected);
        refused.Message.ShouldNotContain("sk-oops");
    }

    [Fact]
    public void Load_UnknownVariableOfAGroup_Refused() =>
        Should.Throw<ConfigurationRefusedException>(() => Load("", "PROTOAGENT_MODELS__FAST__KEY=x")).Message.ShouldContain("PROTOAGENT_MODELS__FAST__KEY names no setting");

    private ModelOptions Load(string yaml, string environment = "") => Configuration(yaml, environment).Settings.Model;

    private InstanceConfiguration Configuration(string yaml, string environment)
    {
        var file = Path.Combine(_temp.Path, "config.yaml");
        File.WriteAllText(file, yaml);
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return InstanceConfiguration.Load(new ConfigSources(variables, _temp.Path, Path.Combine(_temp.Path, "home"), file, new Dictionary<string, string>()));
    }
}
