using System.Runtime.InteropServices;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Tests.Agent.Tools.Files;

/// <summary>A workspace, and beside it what must never be reached from it.</summary>
internal sealed partial class WorkspaceFixture : IDisposable
{
    public const string Secret = "canary: nobody may read this";

    /// <summary>A name no test gives to anything.</summary>
    public const string OnlyOutside = "only-outside";

    private const int CurrentDirectory = -100;
    private const uint ExchangeNames = 2;
    private const uint CharacterDevice = 0x2000;
    private const ulong NullDevice = (1 << 8) | 3;

    private static readonly EnumerationOptions s_everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly TempFolder _folder = new();

    public WorkspaceFixture(bool walk = false)
    {
        Outside = System.IO.Path.Combine(_folder.Path, "outside");
        Directory.CreateDirectory(Outside);
        File.WriteAllText(System.IO.Path.Combine(Outside, "secret.txt"), Secret);
        Directory.CreateDirectory(System.IO.Path.Combine(Outside, OnlyOutside));
        Root = System.IO.Path.Combine(_folder.Path, "inside");
        Directory.CreateDirectory(Root);
        Workspace = new Workspace(Root, walk);
    }

    public Workspace Workspace { get; }

    public string Root { get; }

    public string Outside { get; }

    public Tool this[string name] => FileTools.For(Workspace, new ToolOptions(), TimeProvider.System).Single(t => t.Name == name);

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public void Put(string name, string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), content);
    }

    public void Link(string name, string target) => File.CreateSymbolicLink(Path(name), target);

    public void HardLink(string name, string target) => Check(MakeLink(target, Path(name)));

    public void Fifo(string name) => Check(MakeFifo(Path(name), 0x180));

    /// <summary>The null device under another name; false where this user may not make one.</summary>
    public bool TryDevice(string name) => MakeNode(Path(name), CharacterDevice | 0x180, NullDevice) == 0;

    /// <summary>Each gets the other's name, with no moment between.</summary>
    public void Exchange(string one, string other) => Check(RenameAt2(CurrentDirectory, Path(one), CurrentDirectory, Path(other), ExchangeNames));

    /// <summary>Everything outside and how it is, to compare.</summary>
    public string OutsideNow() => string.Join('\n', Directory.EnumerateFileSystemEntries(Outside, "*", s_everything)
        .Concat(Directory.EnumerateFileSystemEntries(_folder.Path))
        .Order(StringComparer.Ordinal)
        .Select(p => File.Exists(p) ? $"{p}: {File.ReadAllText(p)}" : p));

    public void Dispose() => _folder.Dispose();

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeLink(string target, string path);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "mknod", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeNode(string path, uint mode, ulong device);
}
