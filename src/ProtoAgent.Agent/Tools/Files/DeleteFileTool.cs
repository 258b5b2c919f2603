using System.ComponentModel;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>delete_file</c>.</summary>
internal sealed class DeleteFileTool(Workspace workspace) : TypedTool<DeleteFileTool.Arguments>(
    "delete_file",
    "Deletes a file, a link or a folder of the workspace, for good. What a link leads to stays.",
    FileToolJson.Default.DeleteFile)
{
    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        var gone = workspace.Delete(path, arguments.Recursive);
        return Task.FromResult(new ToolResult(gone == 1 ? $"Deleted '{path}'." : $"Deleted '{path}' and the {gone - 1:N0} {(gone == 2 ? "entry" : "entries")} in it."));
    }

    internal sealed record Arguments
    {
        [Description("The file, link or folder, relative to the workspace.")]
        public required string Path { get; init; }

        [Description("Delete a folder with all that is in it. Without it, only an empty folder is deleted.")]
        public bool Recursive { get; init; }
    }
}
