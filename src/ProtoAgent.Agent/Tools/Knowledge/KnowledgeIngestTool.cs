using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>knowledge_ingest</c>. Whatever it takes in is from outside, the workspace's files too: others' text ends up there.</summary>
internal sealed class KnowledgeIngestTool(IngestRunner ingests, WebSource web, Workspace workspace, TimeProvider time) : TypedTool<IngestArguments>(
    "knowledge_ingest",
    "Takes a web page, a file or a folder of the workspace into what is known, so that memory_recall finds it from now on: text, Markdown, HTML, PDF, CSV, JSON. "
    + "Taking the same source in again brings it up to date.",
    KnowledgeToolJson.Default.IngestArguments)
{
    private const int MostFiles = 2_000;

    /// <summary>What takes longer goes on without the turn.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Remembers;

    protected override Task<ToolResult> CallAsync(IngestArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var documents = WebSource.Parse(arguments.Source) is { } url ? [web.Of(url, arguments.Title)] : Files(arguments);
        var work = await ingests.StartAsync(
            new IngestRequest(arguments.Source, documents) { Trust = ChunkTrust.External, Domain = arguments.Domain }, cancellationToken);
        try
        {
            await work.Ended.WaitAsync(s_patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return $"It takes longer and goes on in the background, as ingest {work.State.Id}: {work.State.DocumentsDone} of {work.State.Documents} documents so far.";
        }

        var state = work.State;
        return state.Status != IngestStatus.Done
            ? throw new ToolException(state.Error ?? "It could not be taken in.")
            : state.Unchanged == state.Documents ? $"'{arguments.Source}' is known already, just so."
            : $"Taken in: {state.Documents - state.FailedDocuments} {(state.Documents == 1 ? "document" : "documents")}, {state.ChunksAdded} pieces new, {state.ChunksKept} unchanged, {state.ChunksRemoved} removed."
                + (state.Error is { } error ? $" Not taken in:\n{error}" : "");
    });

    private List<PendingDocument> Files(IngestArguments arguments)
    {
        var path = workspace.Parse(arguments.Source);
        using var folder = workspace.OpenFolder(path);
        if (folder is null)
        {
            return [File(path, arguments.Title)];
        }

        var found = FolderWalk.Of(folder, recursive: true).Where(f => f.Entry.Stat.Kind == FileKind.File && DocumentReader.IsKnown(f.Entry.Name) && !f.Entry.Name.StartsWith('.'))
            .Select(f => f.Entry.Path).Take(MostFiles + 1).ToList();
        return found.Count switch
        {
            0 => throw new ToolException($"There is nothing in '{arguments.Source}' that can be taken in: text, Markdown, HTML, PDF, CSV or JSON files."),
            > MostFiles => throw new ToolException($"'{arguments.Source}' has more than {MostFiles} files. Take its folders in one by one."),
            _ => [.. found.Select(f => File(f, null))],
        };
    }

    private PendingDocument File(string path, string? title) => new($"workspace:{path}", 0, _ =>
    {
        try
        {
            return Task.FromResult(new RawDocument($"workspace:{path}", workspace.Read(path), title));
        }
        catch (ToolException e)
        {
            throw new KnowledgeException("source_not_found", e.Message, e);
        }
    });
}
