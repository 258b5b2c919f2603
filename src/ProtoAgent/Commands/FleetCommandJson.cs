using System.Text.Json.Serialization;

namespace ProtoAgent.Commands;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetCommand.NewMember))]
[JsonSerializable(typeof(FleetCommand.MemberList))]
[JsonSerializable(typeof(FleetCommand.Member))]
[JsonSerializable(typeof(FleetCommand.Gone))]
internal sealed partial class FleetCommandJson : JsonSerializerContext;
