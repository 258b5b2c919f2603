using System.Text.RegularExpressions;
using ProtoAgent.Agent.Tools.Processes;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>What a server that does not come from configuration must be.</summary>
internal static partial class McpServerRules
{
    /// <exception cref="McpServerRefusedException">Names the field.</exception>
    public static void Check(McpServerOptions server)
    {
        Require(Name().IsMatch(server.Name) && !server.Name.Contains("__", StringComparison.Ordinal), "name",
            "name must be 1 to 32 of A-Z, a-z, 0-9, '_' and '-', without '__': the server's tools are called <name>__<tool>.");
        Require(server.Command is null != server.Url is null, server.Command is null ? "command" : "url",
            "Give either command (a program to start) or url (streamable HTTP), and not both.");
        Require(server.Command is null || (server.Command.Trim().Length > 0 && !server.Command.Contains('\0')), "command", "command is blank or holds a NUL character.");
        Require(!server.Args.Any(a => a is null || a.Contains('\0')), "args", "args holds a null or a NUL character.");
        Require(server.Command is not null || (server.Args.Count == 0 && server.Environment.Count == 0), "args", "args and env belong to a server with a command; this one has a url.");
        Require(server.Url is not null || server.Headers.Count == 0, "headers", "headers belong to a server with a url; this one has a command.");
        Require(server.Url is null || (server.Url.IsAbsoluteUri && server.Url.Scheme is "http" or "https" && server.Url.UserInfo.Length == 0), "url",
            "url must begin with http:// or https://, without a user name in it: put a token into headers.");
        foreach (var (name, value) in server.Environment)
        {
            Require(Variable().IsMatch(name) && value is not null && !value.Contains('\0'), "env", "env: a name must be letters, digits and '_', beginning with no digit, and a value a string without a NUL character. The one at fault is not repeated here: it may hold a secret.");
            Require(name is not (ChildEnvironment.InstanceVariable or ChildEnvironment.RootVariable), "env", $"env: {name} says which instance this is and can't be set.");
        }

        foreach (var (name, value) in server.Headers)
        {
            Require(Header().IsMatch(name) && value is not null && !value.AsSpan().ContainsAny('\r', '\n', '\0'), "headers", "headers: a name must be a header's, and a value a string of one line. The one at fault is not repeated here: it may hold a secret.");
        }

        Require(server.Timeout >= TimeSpan.FromSeconds(1) && server.Timeout <= TimeSpan.FromHours(1), "timeout_seconds", "timeout_seconds must be from 1 to 3600.");
    }

    private static void Require(bool holds, string field, string message)
    {
        if (!holds)
        {
            throw new McpServerRefusedException("mcp_server_invalid", message, field);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,32}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\z")]
    private static partial Regex Header();
}
