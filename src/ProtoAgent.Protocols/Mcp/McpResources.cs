using System.Globalization;
using System.Text;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>Conversations, documents and chunks of knowledge, and workflows, to be read by who talks MCP.</summary>
internal sealed class McpResources(McpServices services, McpSessions sessions)
{
    private const string Markdown = "text/markdown";

    /// <summary>Chunks of one document that are read. A larger one is cut, and says so.</summary>
    private const int MostChunks = 2_000;

    /// <summary>The first revision in which a resource that isn't there is an invalid parameter.</summary>
    private const string InvalidWhenMissing = "2026-07-28";

    /// <summary>Workflows, then conversations (the last first), documents, and chunks (the newest first).</summary>
    public async ValueTask<ListResourcesResult> ListAsync(RequestContext<ListResourcesRequestParams> request, CancellationToken cancelled)
    {
        var at = request.Params?.Cursor is { } cursor ? Paging.Decode(cursor) : "w";
        var behind = at.Length > 1 ? at[1..] : null;
        try
        {
            var (resources, next, then) = at[0] switch
            {
                'w' => await WorkflowsAsync(),
                't' => await ThreadsAsync(behind, cancelled),
                's' => await SourcesAsync(behind, cancelled),
                'c' => await ChunksAsync(behind, cancelled),
                _ => throw Paging.Bad(),
            };
            return new ListResourcesResult { Resources = [.. resources], NextCursor = next is not null ? Paging.Encode($"{at[0]}{next}") : then is null ? null : Paging.Encode(then) };
        }
        catch (ArgumentException)
        {
            throw Paging.Bad();
        }
    }

    public static ValueTask<ListResourceTemplatesResult> ListTemplatesAsync(RequestContext<ListResourceTemplatesRequestParams> request, CancellationToken cancelled) =>
        ValueTask.FromResult(new ListResourceTemplatesResult
        {
            ResourceTemplates =
            [
                Template("conversation", "A conversation", ResourceUris.ThreadPrefix + "{id}", "A conversation of the agent, as Markdown; its id is the session_id of 'chat'.", Markdown),
                Template("chunk", "A chunk of knowledge", ResourceUris.ChunkPrefix + "{id}", "One piece of what the agent knows, as search_knowledge finds it.", Markdown),
                Template("document", "A document", ResourceUris.SourcePrefix + "{source}", "All that is known of one source, in its order. The source stands percent-encoded.", Markdown),
                Template("workflow", "A workflow", ResourceUris.WorkflowPrefix + "{name}", "The recipe of a workflow, as run_workflow runs it.", "application/yaml"),
            ],
        });

    public async ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancelled)
    {
        var uri = request.Params.Uri;
        var (text, type) = ResourceUris.Parse(uri) switch
        {
            (ResourceUris.ThreadPrefix, var id) => (await ThreadAsync(id, cancelled), Markdown),
            (ResourceUris.ChunkPrefix, var id) => (await ChunkAsync(id, cancelled), Markdown),
            (ResourceUris.SourcePrefix, var source) => (await SourceAsync(source, cancelled), Markdown),
            (ResourceUris.WorkflowPrefix, var name) => (services.Workflows.Book.Find(name)?.Text, "application/yaml"),
            _ => (null, ""),
        };
        return new ReadResourceResult
        {
            Contents = [new TextResourceContents { Uri = uri, MimeType = type, Text = text ?? throw Missing(request.Server, uri) }],
        };
    }

    /// <summary>Whether a resource may have that address, now or later.</summary>
    public static bool CanBe(string uri, McpServer server) =>
        (ResourceUris.Parse(uri) is var (prefix, id) && (prefix != ResourceUris.ThreadPrefix || ResourceUris.IsShown(id)))
        || server.ServerOptions.ResourceCollection?.Any(r => r.IsMatch(uri)) == true;

    public async ValueTask<EmptyResult> SubscribeAsync(RequestContext<SubscribeRequestParams> request, CancellationToken cancelled)
    {
        var uri = request.Params.Uri;
        if (!CanBe(uri, request.Server))
        {
            throw Missing(request.Server, uri);
        }

        var session = sessions.Find(request.Server.SessionId)
            ?? throw new McpProtocolException("Only a session can subscribe: begin one with 'initialize'.", McpErrorCode.InvalidRequest);
        session.Subscribe(uri);
        return new EmptyResult();
    }

    public ValueTask<EmptyResult> UnsubscribeAsync(RequestContext<UnsubscribeRequestParams> request, CancellationToken cancelled)
    {
        sessions.Find(request.Server.SessionId)?.Unsubscribe(request.Params.Uri);
        return ValueTask.FromResult(new EmptyResult());
    }

    private Task<(IEnumerable<Resource> Resources, string? Next, string? Then)> WorkflowsAsync() =>
        Task.FromResult<(IEnumerable<Resource>, string?, string?)>((
            services.Workflows.Book.All().Where(e => e.Recipe is not null).Select(e => new Resource
            {
                Uri = ResourceUris.Workflow(e.Name), Name = e.Name, Title = $"Workflow {e.Name}", Description = e.Recipe!.Description, MimeType = "application/yaml",
            }),
            null,
            "t"));

    /// <summary>Neither incognito nor a subagent's: the store lists none of them.</summary>
    private async Task<(IEnumerable<Resource> Resources, string? Next, string? Then)> ThreadsAsync(string? behind, CancellationToken cancelled)
    {
        var page = await services.Checkpoints.ListThreadsAsync(Paging.Size, behind, cancelled);
        return (
            page.Items.Select(t => new Resource
            {
                Uri = ResourceUris.Thread(t.Id), Name = t.Id, Title = $"Conversation {t.Id}", MimeType = Markdown, Annotations = new Annotations { LastModified = t.UpdatedAt },
            }),
            page.Next,
            services.Knowledge.IsThere ? "s" : null);
    }

    private async Task<(IEnumerable<Resource> Resources, string? Next, string? Then)> SourcesAsync(string? behind, CancellationToken cancelled)
    {
        var (items, next) = await (await services.Knowledge.StoreAsync()).DocumentsAsync(null, withDeleted: false, Paging.Size, behind, cancelled);
        return (
            items.DistinctBy(d => d.Document.Source, StringComparer.Ordinal).Select(d => new Resource
            {
                Uri = ResourceUris.Source(d.Document.Source), Name = d.Document.Source, Title = d.Document.Title,
                Description = $"A document of {d.Chunks} {(d.Chunks == 1 ? "chunk" : "chunks")}, trusted as {KnowledgeNames.Of(d.Document.Trust)}.", MimeType = Markdown,
                Annotations = new Annotations { LastModified = d.IngestedAt },
            }),
            next,
            "c");
    }

    private async Task<(IEnumerable<Resource> Resources, string? Next, string? Then)> ChunksAsync(string? behind, CancellationToken cancelled)
    {
        long? before = behind is null ? null : long.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw Paging.Bad();
        var page = await (await services.Knowledge.StoreAsync()).ListAsync(ChunkFilter.Any, withInvalid: false, Paging.Size, before, cancelled);
        return (
            page.Items.Select(c => new Resource
            {
                Uri = ResourceUris.Chunk(c.Id), Name = $"chunk {c.Id}", Title = c.Heading.Length > 0 ? c.Heading : null,
                Description = $"{c.Domain}, trusted as {KnowledgeNames.Of(c.Trust)}{(c.Source is { } source ? $", from {source}" : "")}", MimeType = Markdown,
                Annotations = new Annotations { LastModified = c.UpdatedAt },
            }),
            page.Next,
            null);
    }

    private async Task<string?> ThreadAsync(string id, CancellationToken cancelled) =>
        ResourceUris.IsShown(id) && await services.Checkpoints.GetThreadAsync(id, cancelled) is { } thread
            ? ThreadExport.ToMarkdown(thread, await services.Checkpoints.ReadStepsAsync(id, cancellationToken: cancelled))
            : null;

    private async Task<string?> ChunkAsync(string id, CancellationToken cancelled) =>
        services.Knowledge.IsThere && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && await (await services.Knowledge.StoreAsync()).GetAsync(number, cancelled) is { InvalidatedAt: null } chunk
            ? Text(chunk)
            : null;

    private async Task<string?> SourceAsync(string source, CancellationToken cancelled)
    {
        if (!services.Knowledge.IsThere)
        {
            return null;
        }

        var store = await services.Knowledge.StoreAsync();
        var chunks = new List<Chunk>();
        long? before = null;
        do
        {
            var page = await store.ListAsync(new ChunkFilter(Source: source), withInvalid: false, KnowledgeStore.MaxPage, before, cancelled);
            chunks.AddRange(page.Items);
            before = page.Next is { } next ? long.Parse(next, CultureInfo.InvariantCulture) : null;
        }
        while (before is not null && chunks.Count < MostChunks);

        chunks.Reverse();
        var text = new StringBuilder(before is null ? "" : $"(The last {chunks.Count} chunks of a longer document.)\n\n");
        return chunks.Count == 0 ? null : text.AppendJoin("\n\n", chunks.Select(Text)).ToString();
    }

    private static string Text(Chunk chunk) => chunk.Heading.Length > 0 ? $"# {chunk.Heading}\n\n{chunk.Content}" : chunk.Content;

    private static ResourceTemplate Template(string name, string title, string uri, string description, string type) =>
        new() { Name = name, Title = title, UriTemplate = uri, Description = description, MimeType = type };

    private static McpProtocolException Missing(McpServer server, string uri) => new(
        $"There is no resource '{uri}' here. resources/list names those there are.",
        string.CompareOrdinal(server.NegotiatedProtocolVersion, InvalidWhenMissing) >= 0 ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound);
}
