using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Commands;

/// <summary>The shapes <c>--json</c> prints. snake_case; nulls are printed, so that every field is always there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ServerReady))]
[JsonSerializable(typeof(PsCommand.Row[]))]
[JsonSerializable(typeof(PsWatch.Change))]
[JsonSerializable(typeof(PathsCommand.Answer), TypeInfoPropertyName = "PathsAnswer")]
[JsonSerializable(typeof(ConfigCommand.Answer), TypeInfoPropertyName = "ConfigAnswer")]
[JsonSerializable(typeof(DoctorCommand.Answer), TypeInfoPropertyName = "DoctorAnswer")]
[JsonSerializable(typeof(ChatCommand.WholeRequest))]
[JsonSerializable(typeof(ChatCommand.StreamRequest))]
[JsonSerializable(typeof(ChatCommand.StreamChunk))]
[JsonSerializable(typeof(ChatCommand.Failure))]
[JsonSerializable(typeof(ApprovalsCommand.DecideRequest))]
[JsonSerializable(typeof(ApprovalsCommand.Waiting))]
[JsonSerializable(typeof(InboxCommand.NewItem))]
[JsonSerializable(typeof(InboxCommand.Posted))]
[JsonSerializable(typeof(InboxCommand.Inbox))]
[JsonSerializable(typeof(ActivityCommand.Lines), TypeInfoPropertyName = "ActivityLines")]
[JsonSerializable(typeof(EventsCommand.Happened))]
internal sealed partial class CommandJson : JsonSerializerContext
{
    /// <summary>The same shapes, one object a line.</summary>
    public static CommandJson Lines { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });
}
