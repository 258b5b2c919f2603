using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>
/// Makes one artifact of its pieces: a receiver of push notifications is not to be called for every few words. Pieces a process had
/// before it died come again from the first, which does not append.
/// </summary>
internal sealed class ArtifactJoiner
{
    private readonly Dictionary<string, Dictionary<string, List<Part>>> _tasks = new(StringComparer.Ordinal);

    /// <summary>What is to be told; null while there is nothing whole.</summary>
    public StreamResponse? Join(string taskId, StreamResponse update)
    {
        if (update.ArtifactUpdate is not { } piece)
        {
            if (IsEnd(update))
            {
                _tasks.Remove(taskId);
            }

            return update;
        }

        if (!_tasks.TryGetValue(taskId, out var artifacts))
        {
            _tasks.Add(taskId, artifacts = new(StringComparer.Ordinal));
        }

        var id = piece.Artifact.ArtifactId;
        if (piece.Append is not true || !artifacts.TryGetValue(id, out var parts))
        {
            artifacts[id] = parts = [];
        }

        foreach (var part in piece.Artifact.Parts)
        {
            // Of text the last part goes on; anything else stands by itself.
            if (part.Text is { } text && parts is [.., { Text: not null } last] && last with { Text = "" } == part with { Text = "" })
            {
                parts[^1] = last with { Text = last.Text + text };
            }
            else
            {
                parts.Add(part);
            }
        }

        if (piece.LastChunk is not true)
        {
            return null;
        }

        artifacts.Remove(id);
        return new StreamResponse { ArtifactUpdate = piece with { Append = null, Artifact = piece.Artifact with { Parts = parts } } };
    }

    public static bool IsEnd(StreamResponse update) =>
        update is { StatusUpdate.Status.State: var state } && state.IsTerminal() || update is { Task.Status.State: var whole } && whole.IsTerminal();
}
