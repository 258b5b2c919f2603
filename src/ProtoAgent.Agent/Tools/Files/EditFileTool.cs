using System.ComponentModel;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>edit_file</c>.</summary>
internal sealed class EditFileTool(Workspace workspace) : TypedTool<EditFileTool.Arguments>(
    "edit_file",
    "Replaces a piece of a text file of the workspace. old_text must be in the file exactly, and once, unless replace_all is set: "
    + "give as many lines around it as make it unique, without the line numbers read_file shows.",
    FileToolJson.Default.EditFile)
{
    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        if (arguments.OldText.Length == 0)
        {
            throw new ToolException("old_text is empty. Give the piece to replace, or write the whole file with write_file.");
        }

        if (arguments.OldText == arguments.NewText)
        {
            throw new ToolException("old_text and new_text are the same; nothing would change.");
        }

        var lines = new List<int>();
        workspace.Update(path, bytes =>
        {
            var content = TextContent.Of(bytes, path);
            var edit = new TextEdit(content, arguments.OldText, arguments.NewText);
            lines = edit.Matches(path, arguments.ReplaceAll);
            return (content with { Text = edit.Apply() }).Encode();
        });
        return Task.FromResult(new ToolResult(lines.Count == 1
            ? $"Replaced it in '{path}', at line {lines[0]}."
            : $"Replaced {lines.Count} pieces in '{path}', at {TextEdit.Named(lines)}."));
    }

    internal sealed record Arguments
    {
        [Description("The file, relative to the workspace.")]
        public required string Path { get; init; }

        [Description("The piece to replace, exactly as it is in the file.")]
        public required string OldText { get; init; }

        [Description("What to put in its place; may be empty.")]
        public required string NewText { get; init; }

        [Description("Replace every piece that matches, rather than exactly one.")]
        public bool ReplaceAll { get; init; }
    }
}
