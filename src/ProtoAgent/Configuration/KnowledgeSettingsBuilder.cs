using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Configuration;

/// <summary>The knowledge's part of the settings.</summary>
internal sealed class KnowledgeSettingsBuilder(Layers layers)
{
    private const string Embeddings = "knowledge.embeddings";
    private const string OpenAI = "openai";

    /// <summary>What single values can't show.</summary>
    public void Refuse()
    {
        if (Name is null || Text("base_url") is not null || Text("api_key") is not null || ModelSettingsBuilder.DefaultProvider(layers).Provider == OpenAI || layers.Text("model.provider") == OpenAI)
        {
            return;
        }

        layers.Problems.Add(
            $"{layers[$"{Embeddings}.model"]!.Origin}: '{Embeddings}.model' is set and there is no endpoint for it. Set {Embeddings}.base_url to one that is OpenAI-compatible, or {Embeddings}.api_key for OpenAI's own.");
    }

    /// <param name="model">The default model's: its endpoint is the embeddings' too, unless they have their own.</param>
    public KnowledgeOptions Build(ModelOptions model) => new()
    {
        Embeddings = Name is { } name ? EmbeddingsOf(name, model) : null,
        VectorMemory = layers.Number("knowledge.vector_memory_mb") << 20,
        MaxDocumentBytes = (int)layers.Number("knowledge.max_document_bytes"),
        KeepDeleted = TimeSpan.FromDays(layers.Number("knowledge.keep_deleted_days")),
    };

    private string? Name => Text("model");

    private ModelOptions EmbeddingsOf(string name, ModelOptions model)
    {
        var home = model.Provider == OpenAI ? model.BaseUrl : null;
        var url = Text("base_url") is { } given ? ConfigValues.Url(given) : home;
        return new ModelOptions
        {
            Group = Embeddings,
            Provider = OpenAI,
            Name = name,
            BaseUrl = url,

            // A key is for whoever gave it: another endpoint does not get to see it.
            ApiKey = Text("api_key") ?? (model.Provider == OpenAI && ModelSettingsBuilder.SameServer(url, home) ? model.ApiKey : null),
            Timeout = TimeSpan.FromSeconds(layers.Number($"{Embeddings}.timeout_seconds")),
        };
    }

    private string? Text(string key) => layers.Text($"{Embeddings}.{key}");
}
