using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Files;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ListDirTool.Arguments), TypeInfoPropertyName = "ListDir")]
[JsonSerializable(typeof(ReadFileTool.Arguments), TypeInfoPropertyName = "ReadFile")]
[JsonSerializable(typeof(SearchFilesTool.Arguments), TypeInfoPropertyName = "SearchFiles")]
[JsonSerializable(typeof(WriteFileTool.Arguments), TypeInfoPropertyName = "WriteFile")]
[JsonSerializable(typeof(EditFileTool.Arguments), TypeInfoPropertyName = "EditFile")]
[JsonSerializable(typeof(DeleteFileTool.Arguments), TypeInfoPropertyName = "DeleteFile")]
internal sealed partial class FileToolJson : JsonSerializerContext;
