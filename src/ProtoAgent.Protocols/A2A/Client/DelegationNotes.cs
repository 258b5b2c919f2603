using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>
/// Which task of a peer a call of ours began, in a file each: a call that is made again after a crash goes on with it. Between a peer's taking the message
/// and its naming the task there is nothing to note; then the message's id, which is the same again, is all a peer can tell by.
/// </summary>
internal sealed class DelegationNotes(string folder, TimeProvider time)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(7);

    /// <summary>Null when there is none, or none that can be read: then it is sent again.</summary>
    public Note? Find(string key)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(key)), DelegationJson.Default.Note);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string key, Note note)
    {
        AtomicFile.CreateFolder(folder);
        AtomicFile.Write(FileOf(key), JsonSerializer.SerializeToUtf8Bytes(note, DelegationJson.Default.Note));
    }

    /// <summary>Old ones.</summary>
    public void Prune()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Where(f => time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(f) > s_kept))
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next start tries again.
            }
        }
    }

    private string FileOf(string key) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16)) + ".json");

    internal sealed record Note(string Peer, string TaskId);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DelegationNotes.Note))]
[JsonSerializable(typeof(DelegateTool.Progress))]
internal sealed partial class DelegationJson : JsonSerializerContext;
