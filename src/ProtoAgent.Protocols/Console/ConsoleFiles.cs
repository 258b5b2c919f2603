using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ProtoAgent.Protocols.Console;

/// <summary>The files of the web console as they were embedded at build, gzipped; none in a build without Node.</summary>
internal sealed class ConsoleFiles
{
    private const string Prefix = "console/";

    /// <summary>Named by a hash of their content: what has such a name never changes.</summary>
    private const string Hashed = "assets/";

    private readonly Dictionary<string, ConsoleFile> _files = Resources.GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(n => new ConsoleFile(n, n[Prefix.Length..]))
        .ToDictionary(f => f.Path, StringComparer.Ordinal);

    private static Assembly Resources => typeof(ConsoleFiles).Assembly;

    /// <summary>Relative to the console's root.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    public ConsoleFile? Find(string path) => _files.GetValueOrDefault(path);

    internal sealed class ConsoleFile(string resource, string path)
    {
        private readonly Lazy<byte[]> _packed = new(() => Read(resource));
        private readonly Lazy<string> _tag = new(() => $"\"{Convert.ToHexStringLower(SHA256.HashData(Read(resource)).AsSpan(0, 12))}\"");

        public string Path => path;

        public async Task WriteAsync(HttpContext context)
        {
            var response = context.Response;
            response.Headers.ETag = _tag.Value;
            response.Headers.CacheControl = path.StartsWith(Hashed, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
            response.Headers.Vary = "Accept-Encoding";
            if (context.Request.Headers.IfNoneMatch == _tag.Value)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = ContentType(path);
            if (Gzip(context.Request))
            {
                response.Headers.ContentEncoding = "gzip";
                response.ContentLength = _packed.Value.Length;
                await response.Body.WriteAsync(_packed.Value, context.RequestAborted);
                return;
            }

            await using var unpacked = new GZipStream(new MemoryStream(_packed.Value), CompressionMode.Decompress);
            await unpacked.CopyToAsync(response.Body, context.RequestAborted);
        }

        private static bool Gzip(HttpRequest request) =>
            StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var taken)
            && taken.Any(t => (t.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) || t.Value.Equals("*", StringComparison.Ordinal)) && t.Quality is null or > 0);

        private static byte[] Read(string resource)
        {
            using var stream = Resources.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        private static string ContentType(string path) => System.IO.Path.GetExtension(path) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".json" or ".webmanifest" => "application/json",
            ".woff2" => "font/woff2",
            _ => "application/octet-stream",
        };
    }
}
