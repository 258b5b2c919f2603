using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Models.Anthropic;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MessagesRequest))]
[JsonSerializable(typeof(StreamEvent))]
internal sealed partial class AnthropicJson : JsonSerializerContext;
