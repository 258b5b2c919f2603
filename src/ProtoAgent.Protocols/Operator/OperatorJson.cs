using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Protocols.Operator;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(HealthEndpoints.Health))]
[JsonSerializable(typeof(HealthEndpoints.Readiness))]
[JsonSerializable(typeof(RuntimeStatus))]
[JsonSerializable(typeof(StatusEndpoints.Listed[]))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ConfigEndpoints.Explanation))]
[JsonSerializable(typeof(ChatEndpoints.ChatRequest))]
[JsonSerializable(typeof(ChatEndpoints.ChatAnswer))]
[JsonSerializable(typeof(SessionEndpoints.Session))]
[JsonSerializable(typeof(SessionEndpoints.SessionList))]
[JsonSerializable(typeof(SessionEndpoints.MessageList))]
internal sealed partial class OperatorJson : JsonSerializerContext;
