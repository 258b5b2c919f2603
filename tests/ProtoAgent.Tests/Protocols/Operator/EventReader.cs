using System.Text.Json.Nodes;

namespace ProtoAgent.Tests.Protocols.Operator;

/// <summary>The reader's end of a stream of server-sent events.</summary>
internal sealed class EventReader(HttpResponseMessage answer, StreamReader lines) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Null when the stream has ended.</summary>
    public Task<string?> LineAsync() => lines.ReadLineAsync().WaitAsync(s_patience);

    public async Task<string> IdAsync() => (await FirstAsync("id: "))[4..];

    public async Task<JsonNode> FrameAsync() => JsonNode.Parse((await FirstAsync("data: "))[6..])!;

    /// <summary>Every frame to the end of the stream.</summary>
    public async Task<List<JsonNode>> RestAsync()
    {
        var frames = new List<JsonNode>();
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                frames.Add(JsonNode.Parse(line[6..])!);
            }
        }

        return frames;
    }

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }

    private async Task<string> FirstAsync(string prefix)
    {
        while (true)
        {
            var line = await LineAsync() ?? throw new InvalidOperationException("The stream ended.");
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }
}
