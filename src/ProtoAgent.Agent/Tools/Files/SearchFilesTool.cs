using System.ComponentModel;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>search_files</c>.</summary>
internal sealed class SearchFilesTool(Workspace workspace, TimeProvider clock) : TypedTool<SearchFilesTool.Arguments>(
    "search_files",
    "Searches the text files of the workspace, line by line, for a regular expression (without look-around and back-references; "
    + "begin it with (?i) to ignore case). Answers lines of the form 'path:line: text'. Binary files, links, and folders whose name begins with a dot are left out.",
    FileToolJson.Default.SearchFiles)
{
    private const int DefaultLimit = 100;
    private const int MostMatches = 1_000;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        var search = new FileSearch(workspace, clock)
        {
            Pattern = SearchPattern.Parse(arguments.Pattern),
            Files = arguments.Glob is { Length: > 0 } glob ? Glob.Parse(glob) : null,
            Limit = Limits.Check("limit", arguments.Limit, DefaultLimit, MostMatches),
        };

        // Reading many files takes its time and a thread; not the turn's.
        return Task.Run(() => new ToolResult(search.Run(path, cancellationToken)), cancellationToken);
    }

    internal sealed record Arguments
    {
        [Description("A regular expression.")]
        public required string Pattern { get; init; }

        [Description("The file or folder to search, relative to the workspace. Default: the workspace itself.")]
        public string? Path { get; init; }

        [Description("Which files, such as '*.md', 'src/**/*.cs' or '*.{json,yaml}'; with a slash, relative to path. Default: all.")]
        public string? Glob { get; init; }

        [Description("The most lines to answer, 1 to 1000. Default 100.")]
        public int? Limit { get; init; }
    }
}
