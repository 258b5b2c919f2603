using System.Text.Json;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Commands;

/// <summary>The one line <c>serve</c> prints on stdout when it answers.</summary>
internal sealed record ServerReady(string Url, int Port, int Pid, string? Instance, string Root)
{
    public static string Json(InstanceRecord record) => JsonSerializer.Serialize(
        new ServerReady(record.Url, record.Port, record.Pid, record.Instance, record.Root), CommandJson.Lines.ServerReady);

    public static string Text(InstanceRecord record) =>
        $"protoagent {record.Instance ?? "(unscoped)"} listening on {record.Url} (data {record.Root})";
}
