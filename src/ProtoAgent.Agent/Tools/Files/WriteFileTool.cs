using System.ComponentModel;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>write_file</c>.</summary>
internal sealed class WriteFileTool(Workspace workspace) : TypedTool<WriteFileTool.Arguments>(
    "write_file",
    "Writes a text file of the workspace, whole: what was in it is gone. Folders above it are made. To change a part of a file use edit_file.",
    FileToolJson.Default.WriteFile)
{
    public override ToolTraits Traits => ToolTraits.Idempotent;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        var content = TextContent.Encode(arguments.Content);
        workspace.Write(path, content);
        return Task.FromResult(new ToolResult($"Wrote {content.Length:N0} bytes to '{path}'."));
    }

    internal sealed record Arguments
    {
        [Description("The file, relative to the workspace.")]
        public required string Path { get; init; }

        [Description("All that is to be in the file.")]
        public required string Content { get; init; }
    }
}
