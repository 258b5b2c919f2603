namespace ProtoAgent.Agent.Tools.Files;

/// <summary>The tools that work on the files of the workspace.</summary>
public static class FileTools
{
    public static IReadOnlyList<Tool> For(Workspace workspace, ToolOptions options, TimeProvider clock) =>
    [
        new ListDirTool(workspace),
        new ReadFileTool(workspace, options),
        new SearchFilesTool(workspace, clock),
        new WriteFileTool(workspace),
        new EditFileTool(workspace),
        new DeleteFileTool(workspace),
    ];
}
