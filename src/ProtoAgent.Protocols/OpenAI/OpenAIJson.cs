using System.Text.Json.Serialization;
using ProtoAgent.Protocols.OpenAI.Responses;

namespace ProtoAgent.Protocols.OpenAI;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelItem))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(CompletionAnswer))]
[JsonSerializable(typeof(CompletionChunk))]
[JsonSerializable(typeof(EmbeddingEndpoints.EmbeddingsRequest))]
[JsonSerializable(typeof(EmbeddingEndpoints.EmbeddingsAnswer))]
[JsonSerializable(typeof(ResponseRequest))]
[JsonSerializable(typeof(ResponseObject))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseShape.ChosenTool))]
[JsonSerializable(typeof(DeletedResponse))]
[JsonSerializable(typeof(ItemList))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(float[]))]
internal sealed partial class OpenAIJson : JsonSerializerContext;
