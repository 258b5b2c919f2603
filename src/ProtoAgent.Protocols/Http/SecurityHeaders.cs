using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>What every answer tells a browser: to be kept nowhere, embedded in no page of another origin, and run as nothing it is not.</summary>
internal static class SecurityHeaders
{
    private const string NoFeatures = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

    /// <summary>A handler that writes a page puts its own content security policy in the place of this one, which allows nothing.</summary>
    public static void Apply(HttpContext context, HttpOptions options)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "no-referrer";
        if (options.Public.Contains(context.Request.Path.Value ?? ""))
        {
            headers.XFrameOptions = "DENY";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = NoFeatures;
        }

        if (options.Hsts is { } length && context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = $"max-age={(long)length.TotalSeconds}";
        }
    }
}
