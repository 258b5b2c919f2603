using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class KnowledgeSettingsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Load_Nothing_SearchesByWords()
    {
        var knowledge = Load().Settings.Knowledge;
        knowledge.Embeddings.ShouldBeNull();
        (knowledge.VectorMemory, knowledge.MaxDocumentBytes, knowledge.KeepDeleted).ShouldBe((512L << 20, 32 << 20, TimeSpan.FromDays(30)));
    }

    [Fact]
    public void Load_EmbeddingsAtTheModelsEndpoint_UseItsKey()
    {
        var embeddings = Load(
            ("PROTOAGENT_MODEL_BASE_URL", "http://127.0.0.1:9/v1"), ("PROTOAGENT_MODEL", "big"), ("OPENAI_API_KEY", "the-key"), ("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL", "small")).Settings.Knowledge.Embeddings!;
        (embeddings.Name, embeddings.BaseUrl, embeddings.ApiKey, embeddings.Timeout).ShouldBe(("small", new Uri("http://127.0.0.1:9/v1"), "the-key", TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Load_EmbeddingsElsewhere_DoNotSeeTheModelsKey()
    {
        var configuration = Load(
            ("PROTOAGENT_MODEL_BASE_URL", "http://127.0.0.1:9/v1"), ("PROTOAGENT_MODEL", "big"), ("OPENAI_API_KEY", "the-key"),
            ("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL", "small"), ("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__BASE_URL", "http://127.0.0.2:9/v1"));
        configuration.Settings.Knowledge.Embeddings!.ApiKey.ShouldBeNull();
        var own = Load(("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL", "small"), ("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__API_KEY", "own-secret-key"));
        own.Settings.Knowledge.Embeddings!.ApiKey.ShouldBe("own-secret-key");
        own.Settings.ToString().ShouldNotContain("own-secret-key");
        ConfiguredSecrets.Of(own.Settings).ShouldContain("own-secret-key");
    }

    [Fact]
    public void Load_EmbeddingsWithoutAnEndpoint_Refused() =>
        Should.Throw<ConfigurationRefusedException>(() => Load(("PROTOAGENT_KNOWLEDGE__EMBEDDINGS__MODEL", "small"))).Message.ShouldContain("knowledge.embeddings.base_url");

    private InstanceConfiguration Load(params (string Name, string Value)[] environment) => InstanceConfiguration.Load(
        new ConfigSources(environment.ToDictionary(e => e.Name, e => e.Value), _temp.Path, Path.Combine(_temp.Path, "home"), null, new Dictionary<string, string>()));
}
