using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Console;

/// <summary>The web console at <c>/</c>. Its files are public, as they hold nothing of the instance; what they show they ask the operator API for.</summary>
public static class ConsoleApi
{
    /// <summary>
    /// Scripts and styles of the console's own files alone, no plug-ins, no frames, nothing from or to another host: what a model says
    /// can't become markup that runs, and couldn't tell anybody if it did.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default dompurify";

    private const string Start = "index.html";

    private const string NotBuilt = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>ProtoAgent</title></head>
        <body><h1>This build has no web console</h1>
        <p>The console is made when the program is built where Node 20 or newer is installed: install it, then run
        <code>dotnet publish src/ProtoAgent -c Release -o out</code> again.</p>
        <p>Everything else is here: <code>protoagent chat</code>, <code>protoagent --help</code>, and the HTTP API that
        <code>GET /api/runtime/status</code> begins.</p></body></html>
        """;

    private static readonly Lazy<ConsoleFiles> s_files = new();

    /// <summary>What is public: exact paths.</summary>
    public static IReadOnlySet<string> PublicPaths { get; } = new HashSet<string>(s_files.Value.Paths.Select(p => "/" + p).Append("/"), StringComparer.Ordinal);

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (RequestDelegate)(context => WriteAsync(context, Start)))
            .Describe("The web console; in a build without it, how to build it.").Answers(StatusCodes.Status200OK, mediaType: "text/html");
        routes.MapGet("/icon.svg", (RequestDelegate)(context => WriteAsync(context, "icon.svg")))
            .Describe("The console's icon.").Answers(StatusCodes.Status200OK, mediaType: "image/svg+xml");
        routes.MapGet("/assets/{file}", (RequestDelegate)(context => WriteAsync(context, "assets/" + RouteSegment.Of(context, "file"))))
            .Describe("A script or style of the console.").Answers(StatusCodes.Status200OK, mediaType: "text/javascript");
    }

    private static Task WriteAsync(HttpContext context, string path)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        if (s_files.Value.Find(path) is { } file)
        {
            return file.WriteAsync(context);
        }

        if (path != Start)
        {
            throw new ApiException(StatusCodes.Status404NotFound, "not_found", $"The console has no file {context.Request.Path}. A page that asks for it is of another version: load it again.");
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(NotBuilt, context.RequestAborted);
    }
}
