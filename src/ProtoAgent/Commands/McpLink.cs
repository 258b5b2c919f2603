using System.Net.Http.Headers;
using System.Text;

namespace ProtoAgent.Commands;

/// <summary>One session with one process.</summary>
internal sealed class McpLink(HttpClient http) : IDisposable
{
    /// <summary>1 once its stream is listened to.</summary>
    public int Listening;

    public HttpClient Http => http;

    /// <summary>As the instance named it; null before it did, and where there are no sessions.</summary>
    public string? Id { get; set; }

    /// <summary>Agreed on with <c>initialize</c>.</summary>
    public string? Revision { get; set; }

    /// <param name="message">What is sent; null for none.</param>
    public HttpRequestMessage Request(HttpMethod method, McpMessage? message = null)
    {
        var request = new HttpRequestMessage(method, "/mcp");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (message is not null)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Content = new StringContent(message.Text, Encoding.UTF8, "application/json");
        }

        if (message?.Revision is { } own)
        {
            // Of the revisions without sessions, which want in the headers what the body says.
            request.Headers.Add("MCP-Protocol-Version", own);
            AddText(request, "Mcp-Method", message.Method);
            AddText(request, "Mcp-Name", message.Method is "tools/call" or "prompts/get" or "resources/read" ? message.Name : null);
        }
        else if (message?.Method != "initialize")
        {
            AddText(request, "Mcp-Session-Id", Id);
            AddText(request, "MCP-Protocol-Version", Revision);
        }

        return request;
    }

    public void Dispose() => http.Dispose();

    /// <summary>What no header can hold is written as the specification has it: in base64, marked.</summary>
    private static void AddText(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            var isPlain = value.All(c => c is >= ' ' and <= '~') && value.Trim() == value && !value.StartsWith("=?base64?", StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(name, isPlain ? value : $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=");
        }
    }
}
