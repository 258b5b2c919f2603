using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>A peer's message as the turn is asked it: text as it is, the rest marked as what it is.</summary>
/// <param name="files">Null when this agent has no files.</param>
internal sealed class Intake(IncomingFiles? files)
{
    /// <summary>What a file's text may have to be put into the question; a longer one is kept as a file.</summary>
    private const int LongestInline = 16_384;

    /// <summary>What is read, in the card too. <c>type/*</c> stands for all of a type.</summary>
    public static IReadOnlyList<string> InputModes { get; } =
    [
        "text/plain", "application/json", "text/*", "image/*", "application/pdf", "application/xml", "application/yaml", "application/zip", "application/octet-stream",
    ];

    /// <summary>What is answered.</summary>
    public static IReadOnlyList<string> OutputModes { get; } = ["text/plain"];

    /// <exception cref="A2AException">A part is of a kind this agent can't read.</exception>
    public static void RefuseUnreadable(Message message)
    {
        foreach (var part in message.Parts)
        {
            if (part.MediaType is { } type && !InputModes.Any(m => Matches(m, type)) && !type.EndsWith("+json", StringComparison.OrdinalIgnoreCase) && !type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase))
            {
                throw new A2AException(ErrorKind.ContentTypeNotSupported, $"This agent can't read '{type}'. It reads {string.Join(", ", InputModes)}.")
                {
                    Metadata = new Dictionary<string, string> { ["mediaType"] = type },
                };
            }
        }
    }

    /// <exception cref="A2AException">The caller takes nothing this agent could answer.</exception>
    public static void RefuseUnwritable(SendMessageConfiguration? configuration)
    {
        if (configuration?.AcceptedOutputModes is { } accepted && !accepted.Any(a => OutputModes.Any(o => Matches(a, o))))
        {
            throw new A2AException(ErrorKind.ContentTypeNotSupported, $"This agent answers {string.Join(", ", OutputModes)}, and none of {string.Join(", ", accepted)}.");
        }
    }

    /// <param name="taskId">Whose files they are.</param>
    /// <param name="unique">Tells messages of one task apart.</param>
    public string Read(Message message, string taskId, string unique)
    {
        var text = new List<string>();
        foreach (var part in message.Parts)
        {
            text.Add(part switch
            {
                { Text: { } words } => words,
                { HasData: true } => $"[Data that came with the message, as JSON:]\n{JsonNode.Parse(part.Data.GetRawText())?.ToJsonString() ?? "null"}",
                { Url: { } url } => $"[A file that came with the message lies at {url}{Called(part)}. It was not fetched.]",
                _ => File(part, taskId, unique, text.Count + 1),
            });
        }

        return string.Join("\n\n", text.Where(t => t.Length > 0));
    }

    private string File(Part part, string taskId, string unique, int number)
    {
        var bytes = part.Raw!;
        if (bytes.Length <= LongestInline && part.MediaType is { } type && (Matches("text/*", type) || Matches("application/json", type)) && Words(bytes) is { } words)
        {
            return $"[A file that came with the message{Called(part)}:]\n{words}";
        }

        try
        {
            return files is null
                ? $"[A file came with the message{Called(part)}, {bytes.Length} bytes. This agent keeps no files: it can't be read.]"
                : $"[A file that came with the message{Called(part)}, {bytes.Length} bytes, is kept in the workspace as {files.Save($"inbox/a2a/{taskId}/{unique}", number, part.Filename, bytes)}.]";
        }
        catch (ToolException e)
        {
            return $"[A file came with the message{Called(part)}, {bytes.Length} bytes, and could not be kept: {e.Message}]";
        }
    }

    /// <summary>Null when it is no text.</summary>
    private static string? Words(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Called(Part part)
    {
        var facts = new[] { part.Filename is { } name ? JsonSerializer.Serialize(name, A2AJson.Default.String) : null, part.MediaType }.OfType<string>().ToList();
        return facts.Count == 0 ? "" : $" ({string.Join(", ", facts)})";
    }

    private static bool Matches(string pattern, string type)
    {
        var plain = type.Split(';')[0].Trim();
        return pattern == "*/*" || pattern.Equals(plain, StringComparison.OrdinalIgnoreCase)
            || (pattern.EndsWith("/*", StringComparison.Ordinal) && plain.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase));
    }
}
