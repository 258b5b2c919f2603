using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// Tells whether something changed in folders. The kernel keeps the news (inotify) until somebody asks: no thread waits for
/// them and nothing wakes up, which is why this is no <c>FileSystemWatcher</c>. Where the kernel gives no more watches (an
/// instance each of many on one box can use its bound up), every question is answered with yes, and the asker looks itself.
/// </summary>
internal sealed partial class SkillWatch(ILogger logger) : IDisposable
{
    /// <summary>Non-blocking, and no child process gets it.</summary>
    private const int InitFlags = 0x800 | 0x80000;

    /// <summary>Modified, attributes, written and closed, moved from, moved to, created, deleted; the folder itself deleted or moved. Only folders.</summary>
    private const uint Changes = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x01000000;

    /// <summary>Room for many events; a longer queue is emptied in several reads.</summary>
    private const int BufferSize = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly List<string> _missing = [];
    private SafeFileHandle? _kernel;
    private bool _changed;
    private bool _blind;
    private bool _said;
    private bool _disposed;

    /// <summary>Something happened since <see cref="Begin"/>, or may have.</summary>
    public bool HasChanged()
    {
        lock (_gate)
        {
            return _changed = _changed || _blind || _kernel is null || ReadAll() || _missing.Exists(Directory.Exists);
        }
    }

    /// <summary>From now on; what is watched is named next. Folders already watched are simply named again.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _missing.Clear();
            _blind = false;
            if (_kernel is null && Start(InitFlags) is var started and >= 0)
            {
                _kernel = new SafeFileHandle(started, ownsHandle: true);
            }

            if (_kernel is null)
            {
                GoBlind();
            }
            else
            {
                ReadAll();
            }

            _changed = false;
        }
    }

    /// <summary>Before the folder is listed, so that nothing that happens meanwhile is missed. A folder that is gone, or was swapped, is news of the one above it.</summary>
    public void Add(string folder)
    {
        lock (_gate)
        {
            if (_kernel is not null && !_blind && Watch(_kernel, folder, Changes) < 0 && Marshal.GetLastPInvokeError() is NoSpace or NoMemory)
            {
                GoBlind();
            }
        }
    }

    /// <summary>A folder that isn't there: that it comes is news.</summary>
    public void AddMissing(string folder)
    {
        lock (_gate)
        {
            _missing.Add(folder);
        }
    }

    /// <summary>Something changed, and the kernel may not say so: on a network file system.</summary>
    public void Touch()
    {
        lock (_gate)
        {
            _changed = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _kernel?.Dispose();
            _kernel = null;
        }
    }

    private const int NoMemory = 12;
    private const int NoSpace = 28;

    /// <summary>What happened does not matter, not even whether the kernel lost count (an overflow is an event too): all is looked at again.</summary>
    private bool ReadAll()
    {
        var any = false;
        Span<byte> events = stackalloc byte[BufferSize];
        while (Read(_kernel!, events, (nuint)events.Length) > 0)
        {
            any = true;
        }

        return any;
    }

    private void GoBlind()
    {
        _blind = true;
        if (!_said)
        {
            _said = true;
            LogBlind(logger, "the kernel gives no more watches (fs.inotify.max_user_instances, fs.inotify.max_user_watches)");
        }
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Start(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Watch(SafeFileHandle kernel, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle kernel, Span<byte> buffer, nuint size);

    [LoggerMessage(EventName = "skills_not_watched", Level = LogLevel.Information, Message = "skill folders are looked through each time they are asked for: {Reason}")]
    private static partial void LogBlind(ILogger log, string reason);
}
