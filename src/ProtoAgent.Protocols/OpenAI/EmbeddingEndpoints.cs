using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>Vectors of the model the instance searches its knowledge with.</summary>
internal sealed class EmbeddingEndpoints(OpenAIServices services)
{
    private const int MostTexts = 2048;

    public static void Map(IEndpointRouteBuilder routes, OpenAIServices services) =>
        routes.MapPost("/v1/embeddings", (RequestDelegate)new EmbeddingEndpoints(services).EmbedAsync)
            .Describe("Vectors of texts, of the model knowledge is searched with.", OpenAIJson.Default.EmbeddingsRequest, needs: "input", answer: OpenAIJson.Default.EmbeddingsAnswer)
            .Fails(OpenAIJson.Default.ErrorAnswer);

    private async Task EmbedAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OpenAIJson.Default.EmbeddingsRequest);
        var model = services.Embeddings ?? throw new ApiException(
            StatusCodes.Status404NotFound, "embeddings_not_configured", "This instance has no model for embeddings. knowledge.embeddings.model names one, knowledge.embeddings.base_url its endpoint.", "model");
        if (request.Model is { Length: > 0 } name && name != model.Name && name != services.AgentName)
        {
            throw new ApiException(StatusCodes.Status404NotFound, "model_not_found", $"The model '{name}' makes no embeddings here; '{model.Name}' does.", "model");
        }

        var texts = Texts(request.Input);
        var inBase64 = request.EncodingFormat switch
        {
            null or "float" => false,
            "base64" => true,
            var other => throw Fields.Bad("encoding_format", $"encoding_format must be float or base64; it is '{other}'."),
        };
        var embedded = await AskAsync(model, texts, Fields.AtLeastOne(request.Dimensions, "dimensions"), context.RequestAborted);
        var tokens = embedded.Tokens ?? texts.Sum(t => (t.Length + 3L) / 4);
        await JsonReply.WriteAsync(
            context,
            new EmbeddingsAnswer("list", [.. embedded.Vectors.Select((v, i) => new EmbeddingsItem("embedding", i, Vector(v, inBase64)))], model.Name, new EmbeddingsUsage(tokens, tokens)),
            OpenAIJson.Default.EmbeddingsAnswer);
    }

    private static async Task<Embedded> AskAsync(EmbeddingModel model, IReadOnlyList<string> texts, int? dimensions, CancellationToken cancellationToken)
    {
        try
        {
            return await model.EmbedAsync(texts, dimensions, cancellationToken);
        }
        catch (ModelException e)
        {
            throw TurnErrors.From(new TurnEvent.Failed(e.Code, e.Message, e.RetryAfter));
        }
    }

    private static IReadOnlyList<string> Texts(JsonElement? input)
    {
        IReadOnlyList<string?> texts = input?.ValueKind switch
        {
            null or JsonValueKind.Null or JsonValueKind.Undefined => throw JsonBody.Missing("input", "it is the text, or the texts, to make vectors of."),
            JsonValueKind.String => [input.Value.GetString()],
            JsonValueKind.Array when input.Value.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String) => [.. input.Value.EnumerateArray().Select(t => t.GetString())],
            JsonValueKind.Array when input.Value.EnumerateArray().Any(t => t.ValueKind is JsonValueKind.Number or JsonValueKind.Array) => throw Fields.Bad("input", "Tokens can't be read here: each model has its own. Send the text itself."),
            _ => throw Fields.Bad("input", "input must be text or an array of text."),
        };
        return texts.Count is 0 or > MostTexts || texts.Any(string.IsNullOrEmpty)
            ? throw Fields.Bad("input", $"input must be 1 to {MostTexts} texts, none of them empty.") : [.. texts.Select(t => t!)];
    }

    /// <summary>As numbers, or as the bytes of 32-bit floats, little-endian: what clients of OpenAI ask for by themselves.</summary>
    private static JsonElement Vector(float[] numbers, bool inBase64) => inBase64
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(numbers.AsSpan())), OpenAIJson.Default.String)
        : JsonSerializer.SerializeToElement(numbers, OpenAIJson.Default.SingleArray);

    /// <param name="Input">Text, or an array of it.</param>
    internal sealed record EmbeddingsRequest(string? Model, JsonElement? Input, string? EncodingFormat, int? Dimensions);

    internal sealed record EmbeddingsAnswer(string Object, IReadOnlyList<EmbeddingsItem> Data, string Model, EmbeddingsUsage Usage);

    internal sealed record EmbeddingsItem(string Object, int Index, JsonElement Embedding);

    internal sealed record EmbeddingsUsage(long PromptTokens, long TotalTokens);
}
