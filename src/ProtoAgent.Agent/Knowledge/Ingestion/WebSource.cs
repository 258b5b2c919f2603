using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Agent.Network;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>Pages and files of the web, through the same fence as <c>fetch_url</c>.</summary>
public sealed class WebSource(FencedClient client, KnowledgeOptions options)
{
    private const int LongestUrl = 1_000;

    /// <summary>Null if it is no address of the web.</summary>
    public static Uri? Parse(string text) =>
        text.Length <= LongestUrl && Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    /// <param name="title">Null for the page's own.</param>
    public PendingDocument Of(Uri url, string? title = null) => new(url.AbsoluteUri, 0, cancelled => FetchAsync(url, title, cancelled));

    private async Task<RawDocument> FetchAsync(Uri url, string? title, CancellationToken cancellationToken)
    {
        Download download;
        try
        {
            download = await client.GetAsync(
                url,
                new DownloadLimits
                {
                    MaxBytes = options.MaxDocumentBytes, Timeout = TimeSpan.FromMinutes(2),
                    Accept = "text/html, application/xhtml+xml, text/markdown, application/pdf, text/*;q=0.9, application/json;q=0.9, */*;q=0.1",
                },
                cancellationToken);
        }
        catch (NetworkException e)
        {
            throw new KnowledgeException("source_unreachable", e.Message, e);
        }

        if (!download.IsSuccess)
        {
            throw new KnowledgeException("source_unreachable", $"{download.Url} answered {download.Status}. Nothing was taken in; check the address.");
        }

        // Half a document must not be taken for the whole.
        return download.Truncated
            ? throw new KnowledgeException(
                "document_too_large", $"{download.Url} has more than {options.MaxDocumentBytes} bytes (knowledge.max_document_bytes). Nothing was taken in.")
            : new RawDocument(url.AbsoluteUri, download.Body, title, download.MediaType, download.Charset, download.Url);
    }
}
