using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Artifacts;

/// <summary>Results of peers' tasks beside the answer: the tool that attaches them, and the files that are too large to stand in a task.</summary>
public sealed class TaskResults
{
    private readonly ArtifactFiles _files;
    private ITaskArtifacts? _tasks;

    /// <param name="files">The workspace's.</param>
    /// <param name="kept">Where large ones are kept.</param>
    public TaskResults(OutgoingFiles files, ArtifactFiles kept)
    {
        _files = kept;
        Tools = [new AttachArtifactTool(() => _tasks ?? Nobody.Instance, files, kept)];
    }

    public IReadOnlyList<Tool> Tools { get; }

    /// <param name="tasks">Before the first turn.</param>
    internal void PutOn(ITaskArtifacts tasks) => _tasks = tasks;

    internal void Map(IEndpointRouteBuilder routes) => ArtifactEndpoint.Map(routes, _files);

    /// <summary>No task of a peer is open where there are no peers.</summary>
    private sealed class Nobody : ITaskArtifacts
    {
        public static readonly Nobody Instance = new();

        public Task<bool> AttachAsync(string taskId, Artifact artifact) => Task.FromResult(false);
    }
}
