using System.Text;
using System.Text.Json;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>A task at a peer as far as it has been told: state, what the peer says, its results.</summary>
internal sealed class PeerTask
{
    /// <summary>Characters of results kept; a peer that says more is cut short.</summary>
    private const int MostCharacters = 1_000_000;

    private readonly List<Artifact> _artifacts = [];
    private int _characters;
    private Message? _answer;

    /// <summary>Null until the peer has named it.</summary>
    public string? Id { get; private set; }

    public string? ContextId { get; private set; }

    public TaskState State { get; private set; }

    public Message? Says { get; private set; }

    /// <summary>It has ended, waits for us, or was answered without a task.</summary>
    public bool IsSettled => _answer is not null || State.IsTerminal() || State.IsInterrupted();

    public bool IsCut { get; private set; }

    public void Take(SendMessageResponse response)
    {
        if (response.Task is { } task)
        {
            Take(task);
        }

        _answer = response.Message ?? _answer;
    }

    public void Take(StreamResponse update)
    {
        if (update.Task is { } task)
        {
            Take(task);
        }

        if (update.StatusUpdate is { } status)
        {
            (Id, ContextId) = (status.TaskId, status.ContextId);
            (State, Says) = (status.Status.State, status.Status.Message);
        }

        if (update.ArtifactUpdate is { } piece)
        {
            (Id, ContextId) = (piece.TaskId, piece.ContextId);
            Take(piece.Artifact, piece.Append == true);
        }

        _answer = update.Message ?? _answer;
    }

    public void Take(A2ATask task)
    {
        (Id, ContextId, State, Says) = (task.Id, task.ContextId, task.Status.State, task.Status.Message);
        _artifacts.Clear();
        _characters = 0;
        foreach (var artifact in task.Artifacts ?? [])
        {
            Take(artifact, append: false);
        }
    }

    /// <summary>What the peer gave, as the model reads it.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var parts in _artifacts.Select(a => a.Parts).Concat([_answer?.Parts ?? [], Says?.Parts ?? []]))
        {
            var one = string.Concat(parts.Select(Of)).Trim();
            if (one.Length > 0)
            {
                text.Append(text.Length > 0 ? "\n\n" : "").Append(one);
            }
        }

        return IsCut ? text.Append("\n\n[The rest was left out: the peer says too much.]").ToString() : text.ToString();
    }

    private static string Of(Part part) => part switch
    {
        { Text: { } words } => words,
        { HasData: true } => $"\n{part.Data.GetRawText()}\n",
        { Url: { } url } => $"\n[A file{Called(part)} lies at {url}]\n",
        _ => $"\n[A file{Called(part)} of {part.Raw?.Length ?? 0} bytes, which is not shown]\n",
    };

    private static string Called(Part part) => string.Concat(new[] { part.Filename, part.MediaType }.OfType<string>().Select(f => $" {f}"));

    private void Take(Artifact artifact, bool append)
    {
        _characters += artifact.Parts.Sum(p => (p.Text?.Length ?? 0) + (p.HasData ? p.Data.GetRawText().Length : 0));
        if (_characters > MostCharacters)
        {
            IsCut = true;
            return;
        }

        // Bytes are not shown: their number is enough.
        var at = _artifacts.FindIndex(a => a.ArtifactId == artifact.ArtifactId);
        if (at < 0)
        {
            _artifacts.Add(artifact);
        }
        else
        {
            _artifacts[at] = append ? _artifacts[at] with { Parts = [.. _artifacts[at].Parts, .. artifact.Parts] } : artifact;
        }
    }
}
