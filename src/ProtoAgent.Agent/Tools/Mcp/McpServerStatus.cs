namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>One server as people are told of it.</summary>
/// <param name="Target">The program, or the address without its query. Arguments are left out: they may hold a secret.</param>
/// <param name="Tools">As the model knows them; none unless <see cref="McpServerState.Ready"/>.</param>
/// <param name="LastError">What went wrong last, kept until the server has been stable for a minute; null if nothing did.</param>
public sealed record McpServerStatus(string Name, string Target, McpServerState State, IReadOnlyList<string> Tools, string? LastError, McpServerOrigin Origin);

public enum McpServerState
{
    /// <summary>Configured with <c>enabled: false</c>, or stopped with the instance.</summary>
    Disabled,

    /// <summary>Being connected for the first time.</summary>
    Connecting,

    /// <summary>Its tools can be called.</summary>
    Ready,

    /// <summary>It was ready, went away, and is to be connected again.</summary>
    Restarting,

    /// <summary>The last attempt to connect failed; the next comes after a pause.</summary>
    Failed,
}

public enum McpServerOrigin
{
    /// <summary>From configuration; changed there alone.</summary>
    Config,

    /// <summary>Added by the operator API and kept in the instance's <c>mcp-servers.json</c>.</summary>
    Api,
}

/// <summary>A server was not added or removed, and nothing was changed. The message may be shown to whoever asked.</summary>
/// <param name="code"><c>mcp_server_invalid</c>, <c>mcp_server_exists</c>, <c>mcp_server_configured</c> or <c>mcp_servers_file</c>.</param>
/// <param name="field">The field at fault; null if none is.</param>
public sealed class McpServerRefusedException(string code, string message, string? field = null, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    public string? Field { get; } = field;
}
