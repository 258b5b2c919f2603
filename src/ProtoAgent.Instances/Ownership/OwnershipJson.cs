using System.Text.Json.Serialization;

namespace ProtoAgent.Instances.Ownership;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(LockHolder))]
[JsonSerializable(typeof(InstanceRecord))]
[JsonSerializable(typeof(RootMarker))]
internal sealed partial class OwnershipJson : JsonSerializerContext;
