namespace ProtoAgent.Agent.Tools.Web;

/// <summary>A search engine.</summary>
public interface IWebSearch
{
    /// <param name="count">At most so many, best first. 1 to 20.</param>
    /// <param name="language">A code such as <c>en</c> or <c>de-CH</c>; null for any.</param>
    /// <exception cref="WebSearchException">It did not answer, or not with results.</exception>
    Task<IReadOnlyList<WebSearchResult>> SearchAsync(string query, int count, string? language, CancellationToken cancellationToken);
}

/// <param name="Title">One line; may be blank.</param>
/// <param name="Snippet">One line of what the page says; may be blank.</param>
public sealed record WebSearchResult(string Title, string Url, string Snippet);

/// <summary>The search failed. The message may be shown to the model: it names the endpoint and what to do.</summary>
public sealed class WebSearchException(string message, Exception? inner = null) : Exception(message, inner);
