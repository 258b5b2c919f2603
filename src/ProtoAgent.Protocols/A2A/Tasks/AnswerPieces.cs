using System.Text;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>The answer of a task as it comes: one artifact in pieces. What was said before tools were called is not part of it, and is replaced.</summary>
internal sealed class AnswerPieces(string taskId)
{
    private const string Name = "answer";
    private const string MediaType = "text/plain";

    private readonly StringBuilder _said = new();
    private bool _isBegun;
    private bool _isStale;

    /// <summary>The turn begins, or begins again where a process left it: what was said there is said again.</summary>
    public void Restart() => _isStale = true;

    /// <summary>Tools are called: what was said so far is not the answer.</summary>
    public void Interrupt() => _isStale = true;

    public TaskArtifactUpdateEvent Add(A2ATask task, string piece)
    {
        if (_isStale)
        {
            _said.Clear();
            (_isBegun, _isStale) = (false, false);
        }

        var update = Update(task, piece, append: _isBegun, last: false);
        _said.Append(piece);
        _isBegun = true;
        return update;
    }

    /// <summary>The task with what has been said of the answer so far: the next piece goes behind it.</summary>
    public A2ATask On(A2ATask task) => _isBegun && !_isStale ? task with { Artifacts = [.. task.Artifacts ?? [], Artifact(_said.ToString())] } : task;

    public IReadOnlyList<Artifact> Whole(string reply) => reply.Length > 0 ? [Artifact(reply)] : [];

    /// <summary>What makes the pieces the whole answer. Null when there is none.</summary>
    public TaskArtifactUpdateEvent? Last(A2ATask task, string reply) =>
        _isBegun && !_isStale && _said.Equals(reply) ? Update(task, "", append: true, last: true)
        : reply.Length > 0 ? Update(task, reply, append: false, last: true)
        : null;

    private TaskArtifactUpdateEvent Update(A2ATask task, string text, bool append, bool last) => new()
    {
        TaskId = task.Id, ContextId = task.ContextId!, Artifact = Artifact(text), Append = append, LastChunk = last,
    };

    private Artifact Artifact(string text) => new() { ArtifactId = $"{taskId}/{Name}", Name = Name, Parts = [new Part { Text = text, MediaType = MediaType }] };
}
