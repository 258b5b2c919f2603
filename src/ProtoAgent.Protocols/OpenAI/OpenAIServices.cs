using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>What the OpenAI-compatible API works on.</summary>
/// <param name="AgentName">Answers as a model's name: the instance's default model.</param>
public sealed record OpenAIServices(string AgentName, ModelCatalog Models, TurnRunner Turns, ICheckpointStore Checkpoints, DateTimeOffset StartedAt, TimeProvider Time)
{
    /// <summary>Null where none is configured.</summary>
    public EmbeddingModel? Embeddings { get; init; }

    /// <summary>As <see cref="TurnOptions.MaxAttachmentBytes"/>.</summary>
    public long MaxAttachmentBytes { get; init; } = new TurnOptions().MaxAttachmentBytes;

    /// <summary>A body may be larger than others by what may be attached, in base64.</summary>
    internal void AllowAttachments(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: { } most } size)
        {
            size.MaxRequestBodySize = most + (MaxAttachmentBytes / 3 * 4);
        }
    }
}
