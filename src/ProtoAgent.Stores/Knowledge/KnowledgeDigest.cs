using System.Security.Cryptography;
using System.Text;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>What tells one text from another: 16 bytes of SHA-256.</summary>
internal static class KnowledgeDigest
{
    private const int Length = 16;

    public static byte[] Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));

            // A byte that no UTF-8 has: "a" + "bc" is not "ab" + "c".
            hash.AppendData([0xFF]);
        }

        return hash.GetHashAndReset()[..Length];
    }

    /// <summary>Of all its pieces, in their order.</summary>
    public static byte[] Of(IReadOnlyList<Piece> pieces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in pieces)
        {
            hash.AppendData(piece.Digest);
        }

        return hash.GetHashAndReset()[..Length];
    }
}
