using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>A form with files, read into memory: what may be in it is bounded, and nothing of it touches a disk on the way.</summary>
internal sealed class Upload
{
    private const int MostParts = 200;
    private const int LongestField = 8_192;

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private readonly List<UploadedFile> _files = [];

    private Upload()
    {
    }

    public IReadOnlyList<UploadedFile> Files => _files;

    /// <summary>Null if there is no such field, or it is blank.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <exception cref="ApiException">It is no such form, or too large.</exception>
    public static async Task<Upload> ReadAsync(HttpContext context, int mostBytes)
    {
        // Documents have a bound of their own, and it is not the one for requests.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = mostBytes + (64L << 10);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send files as 'multipart/form-data' with a boundary, or a JSON body with a url or a text.");
        }

        var upload = new Upload();
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body);
            for (var parts = 0; await reader.ReadNextSectionAsync(context.RequestAborted) is { } part; parts++)
            {
                await upload.AddAsync(part, mostBytes, context.RequestAborted);
                if (parts > MostParts)
                {
                    throw new ApiException(StatusCodes.Status400BadRequest, "too_many_parts", $"A form has at most {MostParts} parts. Send the files in several requests.");
                }
            }
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new ApiException(StatusCodes.Status413PayloadTooLarge, "too_large", $"The files have more than {mostBytes} bytes together (knowledge.max_document_bytes).");
        }
        catch (Exception e) when (e is IOException or InvalidDataException && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "malformed_body", "The body is not a whole form as multipart/form-data.");
        }

        return upload;
    }

    private async Task AddAsync(MultipartSection part, int mostBytes, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition))
        {
            return;
        }

        using var body = new MemoryStream();
        var isFile = disposition.IsFileDisposition();
        var most = isFile ? mostBytes : LongestField;
        var piece = new byte[16 << 10];
        for (int got; (got = await part.Body.ReadAsync(piece, cancellationToken)) > 0;)
        {
            body.Write(piece, 0, got);
            if (body.Length > most)
            {
                throw new ApiException(StatusCodes.Status413PayloadTooLarge, "too_large", isFile
                    ? $"The file has more than {mostBytes} bytes (knowledge.max_document_bytes)." : $"The field '{disposition.Name}' has more than {LongestField} bytes.");
            }
        }

        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (isFile)
        {
            var name = (disposition.FileNameStar.Value ?? HeaderUtilities.RemoveQuotes(disposition.FileName).Value)?.Trim();
            _ = MediaTypeHeaderValue.TryParse(part.ContentType, out var type);
            _files.Add(new UploadedFile(
                string.IsNullOrEmpty(name) ? "upload" : name, bytes, type?.MediaType.Value?.ToLowerInvariant() is { } media and not "application/octet-stream" ? media : null, type?.Charset.Value));
        }
        else if (Encoding.UTF8.GetString(bytes.Span).Trim() is { Length: > 0 } text)
        {
            _fields[HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? ""] = text;
        }
    }
}

/// <param name="MediaType">Null where the sender doesn't know.</param>
internal sealed record UploadedFile(string Name, ReadOnlyMemory<byte> Body, string? MediaType, string? Charset);
