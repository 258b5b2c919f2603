using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>The servers the operator API added. For this user alone, as it may hold secrets; written whole, beside and renamed.</summary>
internal sealed class McpServerFile(string path)
{
    /// <summary>Stands while the file can't be read. It is not written over then: what it holds may be somebody's only copy.</summary>
    public StandingWarning? Problem { get; private set; }

    /// <summary>None if there is no file, or if it can't be read, which is a <see cref="Problem"/>.</summary>
    public IReadOnlyList<McpServerOptions> Read()
    {
        try
        {
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), McpServerJson.Default.McpServerDocuments);
            var servers = (content?.Servers ?? throw new JsonException("it has no 'servers'")).Select(s => s.ToOptions()).ToList();
            return servers.DistinctBy(s => s.Name).Count() == servers.Count ? servers : throw new JsonException("two servers have one name");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or McpServerRefusedException)
        {
            Problem = new StandingWarning(
                "mcp_servers_file", $"The MCP servers added by the API are not there: {path} can't be read ({e.Message}).",
                "Repair the file, or move it away and add them again; then restart the instance.");
            return [];
        }
    }

    /// <exception cref="McpServerRefusedException">It could not be written, or must not be.</exception>
    public void Write(IEnumerable<McpServerOptions> servers)
    {
        if (Problem is { } problem)
        {
            throw new McpServerRefusedException(problem.Code, $"{problem.Message} {problem.Remedy}");
        }

        try
        {
            var content = new McpServerDocuments([.. servers.Select(McpServerDocument.Of)]);
            AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(content, McpServerJson.Default.McpServerDocuments));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new McpServerRefusedException("mcp_servers_file", $"{path} can't be written: {e.Message} Nothing was changed.", inner: e);
        }
    }
}

/// <summary>A server as the file has it and as the operator API takes it: the fields are configuration's <c>mcp.servers.&lt;name&gt;</c>.</summary>
public sealed record McpServerDocument
{
    public string? Name { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyDictionary<string, string>? Env { get; init; }

    public string? Url { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public bool? Enabled { get; init; }

    public int? TimeoutSeconds { get; init; }

    /// <exception cref="McpServerRefusedException">It can't be a server; names the field.</exception>
    public McpServerOptions ToOptions()
    {
        Uri? url = null;
        if (Url is not null && !Uri.TryCreate(Url, UriKind.Absolute, out url))
        {
            throw new McpServerRefusedException("mcp_server_invalid", "url must be a whole address, like https://example.com/mcp.", "url");
        }

        var options = new McpServerOptions(Name ?? "")
        {
            Command = Command, Args = Args ?? [], Url = url, Enabled = Enabled ?? true,
            Environment = Env ?? new Dictionary<string, string>(), Headers = Headers ?? new Dictionary<string, string>(),
        };
        options = TimeoutSeconds is { } seconds ? options with { Timeout = TimeSpan.FromSeconds(seconds) } : options;
        McpServerRules.Check(options);
        return options;
    }

    internal static McpServerDocument Of(McpServerOptions server) => new()
    {
        Name = server.Name, Command = server.Command, Url = server.Url?.AbsoluteUri, Enabled = server.Enabled, TimeoutSeconds = (int)server.Timeout.TotalSeconds,
        Args = server.Args.Count > 0 ? server.Args : null,
        Env = server.Environment.Count > 0 ? server.Environment : null,
        Headers = server.Headers.Count > 0 ? server.Headers : null,
    };
}

internal sealed record McpServerDocuments(IReadOnlyList<McpServerDocument>? Servers);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true)]
[JsonSerializable(typeof(McpServerDocuments))]
internal sealed partial class McpServerJson : JsonSerializerContext;
