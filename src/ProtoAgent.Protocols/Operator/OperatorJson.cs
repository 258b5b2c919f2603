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
[JsonSerializable(typeof(ChatEndpoints.ChatRequest))]
[JsonSerializable(typeof(ChatEndpoints.ChatAnswer))]
[JsonSerializable(typeof(ChatEndpoints.TurnAccepted))]
[JsonSerializable(typeof(ChatEndpoints.SteerRequest))]
[JsonSerializable(typeof(ChatEndpoints.CommandList))]
[JsonSerializable(typeof(ChatEndpoints.Turn))]
[JsonSerializable(typeof(ApprovalEndpoints.ApprovalList))]
[JsonSerializable(typeof(ApprovalEndpoints.ApprovalItem))]
[JsonSerializable(typeof(ApprovalEndpoints.DecideRequest))]
[JsonSerializable(typeof(ToolEndpoints.ToolList))]
[JsonSerializable(typeof(ToolEndpoints.ToolItem))]
[JsonSerializable(typeof(ToolEndpoints.SubagentList))]
[JsonSerializable(typeof(ToolEndpoints.RunRequest))]
[JsonSerializable(typeof(SessionEndpoints.Exported))]
[JsonSerializable(typeof(SessionEndpoints.ForkRequest))]
[JsonSerializable(typeof(SessionEndpoints.RewindRequest))]
[JsonSerializable(typeof(SessionEndpoints.Session))]
[JsonSerializable(typeof(SessionEndpoints.SessionList))]
[JsonSerializable(typeof(SessionEndpoints.MessageList))]
internal sealed partial class OperatorJson : JsonSerializerContext;
