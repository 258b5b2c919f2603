using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Fleet;

/// <summary>Who belongs to the fleet, what port each has, and whether it is meant to run; replaced whole, by whoever holds the lock beside it.</summary>
/// <param name="Pid">Of the process last started; with <paramref name="StartTicks"/> it is told from a later one of that number.</param>
internal sealed record FleetEntry(string Name, int Port, bool Wanted, int? Pid, long? StartTicks);

internal sealed record FleetDocument(int Schema, IReadOnlyList<FleetEntry> Members)
{
    public const int CurrentSchema = 1;

    /// <exception cref="FleetRefusedException">It is there and can't be read: not to be taken for an empty one, which would be written over it.</exception>
    public static FleetDocument Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return new(CurrentSchema, []);
            }

            var read = JsonSerializer.Deserialize(File.ReadAllBytes(path), FleetJson.Default.FleetDocument);
            return read is { Schema: CurrentSchema, Members: not null } ? read : throw Refused(path, "it is of another version of this program");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Refused(path, e.Message);
        }
    }

    public void Write(string path)
    {
        try
        {
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, FleetJson.Default.FleetDocument));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FleetRefusedException("fleet_file", $"The fleet's file {path} can't be written: {e.Message} Nothing was changed.");
        }
    }

    private static FleetRefusedException Refused(string path, string why) =>
        new("fleet_file", $"The fleet's file {path} can't be read: {why}. Put it right, or move it away to begin with an empty fleet.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetDocument))]
internal sealed partial class FleetJson : JsonSerializerContext;
