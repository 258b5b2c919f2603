using System.ComponentModel;
using System.Text;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>list_dir</c>.</summary>
internal sealed class ListDirTool(Workspace workspace) : TypedTool<ListDirTool.Arguments>(
    "list_dir",
    "Lists a folder of the workspace: folders end in '/', files are followed by their size in bytes, links by where they lead. "
    + "Recursive listings do not enter links, nor folders whose name begins with a dot.",
    FileToolJson.Default.ListDir)
{
    private const int DefaultLimit = 500;
    private const int MostEntries = 5_000;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        var limit = Limits.Check("limit", arguments.Limit, DefaultLimit, MostEntries);
        using var folder = workspace.OpenFolder(path)
            ?? throw new ToolException($"'{Refusal.Shown(path)}' is a file, not a folder. Read it with read_file, or list the folder it is in.");
        var text = new StringBuilder();
        var shown = 0;
        var isMore = false;
        foreach (var (entry, within) in FolderWalk.Of(folder, arguments.Recursive))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (shown == limit)
            {
                isMore = true;
                break;
            }

            shown++;
            text.Append(Refusal.OneLine(path.Length == 0 ? entry.Path : entry.Path[(path.Length + 1)..])).Append(entry.Stat.Kind switch
            {
                FileKind.Folder => "/",
                FileKind.File => $"  {entry.Stat.Size:N0}",
                FileKind.Link => $" -> {Refusal.OneLine(within.LinkTarget(entry.Name) ?? "?")}",
                _ => $"  ({Refusal.Named(entry.Stat.Kind)})",
            }).Append('\n');
        }

        if (shown == 0)
        {
            return Task.FromResult(new ToolResult($"'{(path.Length == 0 ? "." : path)}' is empty."));
        }

        if (isMore)
        {
            text.Append($"[There is more: only the first {limit:N0} are listed. List a folder further down, or raise limit, up to {MostEntries:N0}.]");
        }

        return Task.FromResult(new ToolResult(text.ToString().TrimEnd('\n')));
    }

    internal sealed record Arguments
    {
        [Description("The folder, relative to the workspace. Default: the workspace itself.")]
        public string? Path { get; init; }

        [Description("Also list what is in the folders below.")]
        public bool Recursive { get; init; }

        [Description("The most entries to list, 1 to 5000. Default 500.")]
        public int? Limit { get; init; }
    }
}
