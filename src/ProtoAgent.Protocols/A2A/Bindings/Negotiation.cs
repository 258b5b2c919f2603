using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>What a request's headers say (specification 3.2.6): the version it speaks, the extensions it wants.</summary>
internal static class Negotiation
{
    private const string VersionName = "A2A-Version";
    private const string ExtensionsName = "A2A-Extensions";

    /// <summary>What 0.3 called it.</summary>
    private const string LegacyExtensionsName = "X-A2A-Extensions";

    /// <summary><c>Major.Minor</c>; null when the request does not say. A patch number is passed over (specification 3.6).</summary>
    public static string? Version(HttpContext context)
    {
        var said = context.Request.Headers[VersionName].ToString() is { Length: > 0 } header ? header : context.Request.Query[VersionName].ToString();
        return said.Length == 0 ? null : string.Join('.', said.Trim().Split('.').Take(2));
    }

    public static A2AException NotSupported(string version, params IReadOnlyList<string> supported) => new(
        ErrorKind.VersionNotSupported, $"This interface does not speak A2A {version}. It speaks {string.Join(" and ", supported)}: say so in the header {VersionName}.")
    {
        Metadata = new Dictionary<string, string> { ["requestedVersion"] = version, ["supportedVersions"] = string.Join(",", supported) },
    };

    /// <summary>Who asks; the answer says which extensions hold for it.</summary>
    public static Caller Caller(HttpContext context, A2AOptions options)
    {
        var activated = Extensions.Activated(Asked(context, ExtensionsName).Concat(Asked(context, LegacyExtensionsName)));
        if (activated.Count > 0)
        {
            context.Response.Headers[ExtensionsName] = string.Join(", ", activated.Order(StringComparer.Ordinal));
        }

        return new Caller(options.FederationApproves || !Federation.IsCaller(context), activated);
    }

    private static IEnumerable<string> Asked(HttpContext context, string header) =>
        context.Request.Headers[header].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
