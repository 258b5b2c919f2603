using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Artifacts;

/// <summary>Tasks as results are put on them.</summary>
internal interface ITaskArtifacts
{
    /// <summary>Keeps it with the task, in place of one of the same id, and tells whoever reads along. False when the task is not open.</summary>
    Task<bool> AttachAsync(string taskId, Artifact artifact);
}
