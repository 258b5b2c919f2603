using System.Globalization;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>What could stand in a template of a resource, by what is written of it. A prompt's argument is free text, and has none.</summary>
internal sealed class McpCompletions(McpServices services)
{
    /// <summary>As the specification bounds an answer.</summary>
    private const int Most = 100;

    public async ValueTask<CompleteResult> CompleteAsync(RequestContext<CompleteRequestParams> request, CancellationToken cancelled)
    {
        var known = request.Params.Ref is ResourceTemplateReference { Uri: { } template } ? await KnownAsync(template, cancelled) : [];
        var fits = known.Where(k => k.StartsWith(request.Params.Argument.Value, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal).ToList();
        return new CompleteResult { Completion = new Completion { Values = [.. fits.Take(Most)], Total = fits.Count, HasMore = fits.Count > Most } };
    }

    /// <summary>The latest, as many as a page of their list: who looks for an older one writes more of it, or lists.</summary>
    private async Task<IEnumerable<string>> KnownAsync(string template, CancellationToken cancelled) => ResourceUris.Parse(template)?.Prefix switch
    {
        ResourceUris.ThreadPrefix => (await services.Checkpoints.ListThreadsAsync(CheckpointStore.MaxPage, cancellationToken: cancelled)).Items.Select(t => Uri.EscapeDataString(t.Id)),
        ResourceUris.WorkflowPrefix => services.Workflows.Book.All().Where(e => e.Recipe is not null).Select(e => e.Name),
        ResourceUris.ChunkPrefix when services.Knowledge.IsThere =>
            (await (await services.Knowledge.StoreAsync()).ListAsync(ChunkFilter.Any, withInvalid: false, KnowledgeStore.MaxPage, cancellationToken: cancelled)).Items.Select(c => c.Id.ToString(CultureInfo.InvariantCulture)),
        ResourceUris.SourcePrefix when services.Knowledge.IsThere =>
            (await (await services.Knowledge.StoreAsync()).DocumentsAsync(null, withDeleted: false, KnowledgeStore.MaxPage, cancellationToken: cancelled)).Items.Select(d => Uri.EscapeDataString(d.Document.Source)),
        _ => [],
    };
}
