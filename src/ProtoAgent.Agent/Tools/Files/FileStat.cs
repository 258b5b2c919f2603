using System.Runtime.InteropServices;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>What the kernel says of a file.</summary>
/// <param name="Mode">Type and rights, as <c>st_mode</c>.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Unix time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStat(int Mode, uint Links, long Size, long ModifiedSeconds)
{
    private const int TypeMask = 0xF000;
    private const int RightsMask = 0x1FF;

    /// <summary>When its content, its rights or its names last changed: unix nanoseconds, set by the kernel alone.</summary>
    public long Changed { get; init; }

    public long Inode { get; init; }

    public FileKind Kind => (Mode & TypeMask) switch
    {
        0x8000 => FileKind.File,
        0x4000 => FileKind.Folder,
        0xA000 => FileKind.Link,
        0x1000 => FileKind.Fifo,
        0xC000 => FileKind.Socket,
        _ => FileKind.Device,
    };

    public UnixFileMode Rights => (UnixFileMode)(Mode & RightsMask);
}

internal enum FileKind
{
    File,
    Folder,
    Link,
    Fifo,
    Socket,
    Device,
}
