using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Whether a request came with the federation token: a peer, and not the operator.</summary>
internal static class Federation
{
    private static readonly object s_key = new();

    public static void Mark(HttpContext context) => context.Items[s_key] = true;

    public static bool IsCaller(HttpContext context) => context.Items.ContainsKey(s_key);
}
