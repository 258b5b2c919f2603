using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Protocols.A2A.Artifacts;

/// <summary>
/// Results that are too large to stand in a task, each kept as it was when it was attached: the workspace's file may change, and a peer must not be led
/// from there to any other.
/// </summary>
/// <param name="publicUrl">Where peers reach this instance.</param>
public sealed class ArtifactFiles(string folder, Func<Uri> publicUrl, TimeProvider time)
{
    /// <summary>Below what peers may reach.</summary>
    internal const string Path = "/a2a/artifacts";

    private const string About = ".json";

    /// <summary>Where the peer gets it.</summary>
    internal Uri Keep(string taskId, string artifactId, string name, string mediaType, ReadOnlySpan<byte> content)
    {
        var (task, id) = (Digest(taskId), Digest(artifactId));
        var at = System.IO.Path.Combine(folder, task);
        AtomicFile.CreateFolder(at);
        AtomicFile.Write(System.IO.Path.Combine(at, id), content);
        AtomicFile.Write(System.IO.Path.Combine(at, id + About), JsonSerializer.SerializeToUtf8Bytes(new Kept(name, mediaType), ArtifactJson.Default.Kept));
        return new Uri($"{publicUrl().AbsoluteUri.TrimEnd('/')}{Path}/{task}/{id}");
    }

    /// <summary>Null when there is none; asked with what a stranger wrote into a URL.</summary>
    internal (Kept About, FileStream Content)? Find(string task, string id)
    {
        if (!IsDigest(task) || !IsDigest(id))
        {
            return null;
        }

        var file = System.IO.Path.Combine(folder, task, id);
        try
        {
            var about = JsonSerializer.Deserialize(File.ReadAllBytes(file + About), ArtifactJson.Default.Kept)!;
            return (about, new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Forgets those of tasks that were last given one before then.</summary>
    public void Prune(TimeSpan keep)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var task in Directory.EnumerateDirectories(folder).Where(d => time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(d) > keep))
        {
            try
            {
                Directory.Delete(task, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next start tries again.
            }
        }
    }

    private static string Digest(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 24));

    private static bool IsDigest(string text) => text.Length == 32 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    internal sealed record Kept(string Name, string MediaType);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ArtifactFiles.Kept))]
internal sealed partial class ArtifactJson : JsonSerializerContext;
