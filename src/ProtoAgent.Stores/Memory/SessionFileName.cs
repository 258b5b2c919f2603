using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ProtoAgent.Stores.Memory;

/// <summary>
/// The file of a session's summary. Any id gets one, no two ids get the same, also where a file system takes <c>A</c> for
/// <c>a</c> or folds accents: a name is made of <c>a-z 0-9 - _ .</c> and <c>%xx</c> alone, and can be read back.
/// </summary>
internal static class SessionFileName
{
    public const string End = ".json";

    /// <summary>Leaves room for what is put behind a file while it is written; no file system takes more than 255 bytes.</summary>
    private const int LongestPlain = 160;

    private const int LongestBeginning = 80;

    /// <summary>Reserved by Windows, alone or before a dot.</summary>
    private static readonly string[] s_devices = ["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"];

    public static string Of(string sessionId)
    {
        var name = Encode(sessionId);
        if (name.Length <= LongestPlain)
        {
            return name + End;
        }

        // What stands before the tilde is for people; a tilde is in no plain name.
        var cut = LongestBeginning;
        while (name.AsSpan(Math.Max(0, cut - 2), 2).Contains('%'))
        {
            cut--;
        }

        return $"{name[..cut]}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(sessionId)))}{End}";
    }

    private static string Encode(string id)
    {
        var name = new StringBuilder(id.Length + 16);
        var isDevice = s_devices.Any(d => id.StartsWith(d, StringComparison.Ordinal));
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < id.Length;)
        {
            if (Rune.DecodeFromUtf16(id.AsSpan(i), out var rune, out var length) != OperationStatus.Done)
            {
                // Half a pair has no bytes, and U+FFFD for each would make two ids one.
                name.Append($"%u{(int)id[i]:x4}");
                i++;
                continue;
            }

            if (IsPlain(rune) && !(i == 0 && (isDevice || rune.Value == '.')))
            {
                name.Append((char)rune.Value);
            }
            else
            {
                foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    name.Append($"%{b:x2}");
                }
            }

            i += length;
        }

        return name.ToString();
    }

    private static bool IsPlain(Rune rune) => rune.Value is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.';
}
