using System.Text.Json.Nodes;

namespace ProtoAgent.Commands;

/// <summary>What goes to the client: whole messages, one a line, and nothing else.</summary>
internal sealed class McpOutput(TextWriter output)
{
    private readonly Lock _one = new();

    /// <param name="message">JSON. A line break in it is white space: within text it would be escaped.</param>
    public Task SendAsync(string message)
    {
        lock (_one)
        {
            output.WriteLine(message.Replace('\r', ' ').Replace('\n', ' '));
            output.Flush();
        }

        return Task.CompletedTask;
    }

    /// <summary>Of what is no request nothing is said: it has no answer.</summary>
    public Task FailAsync(McpMessage asked, int code, string message) => asked.IsRequest ? SendAsync(Error(asked.Id, code, message)) : Task.CompletedTask;

    public static string Error(JsonNode? id, int code, string message) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = new JsonObject { ["code"] = code, ["message"] = message } }.ToJsonString();
}
