using ProtoAgent.Stores.Knowledge;
using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Exceptions;

namespace ProtoAgent.Agent.Knowledge.Reading;

/// <summary>The text of a PDF, page by page. What a page shows as a picture is not text, and is not read.</summary>
internal static class PdfReader
{
    private const int MostPages = 5_000;

    public static ReadDocument Read(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            using var pdf = PdfDocument.Open(body.ToArray(), new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true });
            var pieces = new List<Piece>();
            foreach (var page in pdf.GetPages().Take(MostPages))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var text = ContentOrderTextExtractor.GetText(page, addDoubleNewline: true).ReplaceLineEndings("\n");
                pieces.AddRange(TextChunker.Split(text).Select(p => new Piece($"Page {page.Number}", p)));
            }

            return pieces.Count > 0 || pdf.NumberOfPages == 0
                ? new ReadDocument(pdf.Information.Title ?? "", "pdf", pieces)
                : throw new KnowledgeException("document_empty", "The PDF has pages but no text: it was scanned, it seems. Run it through text recognition (OCR) first.");
        }
        catch (PdfDocumentEncryptedException e)
        {
            throw new KnowledgeException("document_unreadable", "The PDF is encrypted. Save it without a password first.", e);
        }
        catch (Exception e) when (e is not (OperationCanceledException or KnowledgeException or OutOfMemoryException))
        {
            // What a stranger's file does to a parser has no list of exceptions.
            throw new KnowledgeException("document_unreadable", $"The PDF can't be read: {e.Message}", e);
        }
    }
}
