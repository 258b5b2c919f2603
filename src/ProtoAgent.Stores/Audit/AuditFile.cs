using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Stores.Audit;

/// <summary>
/// <c>audit.jsonl</c> and the older <c>audit.1.jsonl</c> to <c>audit.5.jsonl</c>. Several processes may append at once, and one
/// of them rotates. Used by one thread at a time.
/// </summary>
/// <param name="rotateAt">Bytes; a file that would grow beyond them is moved away first.</param>
internal sealed class AuditFile(string path, long rotateAt) : IDisposable
{
    /// <summary>How many older files are kept.</summary>
    public const int Kept = 5;

    private const int Attempts = 8;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private SafeFileHandle? _file;

    public string Path => path;

    /// <summary>Why a file that is full could not be moved away; it then goes on growing, for a line lost is worse.</summary>
    public IOException? RotationFailure { get; private set; }

    /// <summary>The n-th older file: <c>audit.1.jsonl</c>.</summary>
    public static string Older(string path, int n) => System.IO.Path.ChangeExtension(path, $".{n}{System.IO.Path.GetExtension(path)}");

    /// <summary>Writes one line, newline and all, in one step: lines of other processes come before or behind it, never into it.</summary>
    /// <exception cref="IOException">It is not there, or not whole: then the next line begins with the newline it lacks.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        var file = Current();
        var length = RandomAccess.GetLength(file);
        if (length > 0 && length + line.Length > rotateAt)
        {
            file = Rotate(file);
        }

        try
        {
            if (!EndsLine(file))
            {
                EndLine(file);
            }

            // Shared with the others that write; it tells whoever finds half a line that it may be on its way.
            _ = AppendNative.TryLock(file, exclusive: false);
            WriteAll(file, line);
        }
        finally
        {
            AppendNative.Unlock(file);
        }
    }

    public void Dispose() => Close();

    /// <summary>The file the path names: a sibling may have rotated, a person may have deleted.</summary>
    private SafeFileHandle Current()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (_file is null)
            {
                AtomicFile.CreateFolder(System.IO.Path.GetDirectoryName(path)!);
                _file = AppendNative.Open(path);
                if ((File.GetUnixFileMode(_file) & ~OwnerOnly) != UnixFileMode.None)
                {
                    File.SetUnixFileMode(_file, OwnerOnly);
                }
            }

            if (PathIdentity.IsAt(_file, path))
            {
                return _file;
            }

            RotationFailure = null;
            Close();
        }

        throw new IOException($"it was replaced {Attempts} times while being opened");
    }

    /// <summary>
    /// Only who holds the lock of the file the path names may move it, so a file is moved once. Nobody waits for the lock:
    /// whoever doesn't get it appends to the old file, whatever it is called by then, and finds the new one at the next line.
    /// </summary>
    private SafeFileHandle Rotate(SafeFileHandle file)
    {
        try
        {
            if (!AppendNative.TryLock(file, exclusive: true))
            {
                return file;
            }

            if (PathIdentity.IsAt(file, path))
            {
                // Up to the first gap: an attempt that failed at the last move must not push a file out each time it is repeated.
                var free = Enumerable.Range(1, Kept - 1).FirstOrDefault(n => !File.Exists(Older(path, n)), Kept);
                for (var n = free - 1; n >= 1; n--)
                {
                    File.Move(Older(path, n), Older(path, n + 1), overwrite: true);
                }

                File.Move(path, Older(path, 1), overwrite: true);
            }

            // Closing lets go of the lock.
            Close();
            RotationFailure = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RotationFailure = e as IOException ?? new IOException(e.Message, e);
            Close();
        }

        return Current();
    }

    private static bool EndsLine(SafeFileHandle file)
    {
        Span<byte> last = stackalloc byte[1];
        return RandomAccess.GetLength(file) is not (> 0 and var length) || RandomAccess.Read(file, last, length - 1) == 0 || last[0] == (byte)'\n';
    }

    /// <summary>A line was cut off by a crash or a full disk, in whichever process: ours must not become a part of it.</summary>
    private static void EndLine(SafeFileHandle file)
    {
        // If another process is writing, what looks cut off is its line, seen half way.
        if (AppendNative.TryLock(file, exclusive: true) && !EndsLine(file))
        {
            WriteAll(file, "\n"u8);
        }
    }

    /// <summary>As a rule one step. What is left over meets the end of the disk, which is then said.</summary>
    private static void WriteAll(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var written = AppendNative.Append(file, bytes);
            bytes = written > 0 ? bytes[written..] : throw new IOException("nothing could be written, and the system does not say why");
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
