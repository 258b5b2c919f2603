using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary>Reads the client's messages and passes them on: requests beside each other, everything else in its order.</summary>
internal sealed class McpBridge(McpUpstream upstream, TextReader input, TimeProvider time)
{
    /// <summary>What is being answered when stdin ends gets so long: a client that pipes its messages in wants the answers.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private readonly List<Task> _asked = [];

    public async Task RunAsync(CancellationToken cancelled)
    {
        try
        {
            while (await input.ReadLineAsync(cancelled).AsTask().WaitAsync(cancelled) is { } line)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    await PassAsync(line, cancelled);
                }
            }

            await Task.WhenAny(Task.WhenAll(_asked), Task.Delay(s_lastWords, time, cancelled));
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // Interrupted, which is how some clients end their servers.
        }
    }

    private async Task PassAsync(string line, CancellationToken cancelled)
    {
        McpMessage message;
        try
        {
            message = McpMessage.Parse(line);
        }
        catch (JsonException e)
        {
            await upstream.Output.SendAsync(McpOutput.Error(null, -32700, $"A line on stdin is not a JSON-RPC message: {e.Message}"));
            return;
        }

        if (message.Method == "initialize")
        {
            await upstream.BeginAsync(message, cancelled);
            return;
        }

        var passed = upstream.PassAsync(message, cancelled);
        if (message.IsRequest)
        {
            _asked.RemoveAll(t => t.IsCompleted);
            _asked.Add(passed);
        }
        else
        {
            await passed;
        }
    }
}
