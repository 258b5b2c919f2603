using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.Mcp.Tools;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(IDictionary<string, JsonElement>))]
[JsonSerializable(typeof(ChatTool.Arguments), TypeInfoPropertyName = "ChatArguments")]
[JsonSerializable(typeof(ChatTool.Answer), TypeInfoPropertyName = "ChatAnswer")]
[JsonSerializable(typeof(SearchKnowledgeTool.Arguments), TypeInfoPropertyName = "SearchArguments")]
[JsonSerializable(typeof(SearchKnowledgeTool.Answer), TypeInfoPropertyName = "SearchAnswer")]
[JsonSerializable(typeof(AddKnowledgeTool.Arguments), TypeInfoPropertyName = "AddArguments")]
[JsonSerializable(typeof(AddKnowledgeTool.Answer), TypeInfoPropertyName = "AddAnswer")]
[JsonSerializable(typeof(ScheduleTaskTool.Arguments), TypeInfoPropertyName = "ScheduleArguments")]
[JsonSerializable(typeof(ScheduleTaskTool.Answer), TypeInfoPropertyName = "ScheduleAnswer")]
[JsonSerializable(typeof(ListSchedulesTool.Arguments), TypeInfoPropertyName = "ListArguments")]
[JsonSerializable(typeof(ListSchedulesTool.Answer), TypeInfoPropertyName = "ListAnswer")]
[JsonSerializable(typeof(CancelScheduleTool.Arguments), TypeInfoPropertyName = "CancelArguments")]
[JsonSerializable(typeof(CancelScheduleTool.Answer), TypeInfoPropertyName = "CancelAnswer")]
[JsonSerializable(typeof(PostInboxTool.Arguments), TypeInfoPropertyName = "PostArguments")]
[JsonSerializable(typeof(PostInboxTool.Answer), TypeInfoPropertyName = "PostAnswer")]
[JsonSerializable(typeof(RunWorkflowTool.Arguments), TypeInfoPropertyName = "WorkflowArguments")]
[JsonSerializable(typeof(RunWorkflowTool.Answer), TypeInfoPropertyName = "WorkflowAnswer")]
internal sealed partial class McpToolJson : JsonSerializerContext;
