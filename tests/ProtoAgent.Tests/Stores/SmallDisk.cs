using System.Diagnostics;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores;

/// <summary>A real disk of one megabyte; needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string folder)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(folder, "disk")).FullName;
        var mounted = Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path);
        Assert.SkipUnless(mounted, "No right to mount a small disk here.");
        return new SmallDisk(path);
    }

    /// <summary>Leaves no room for another byte.</summary>
    /// <returns>The file to delete to make room again.</returns>
    public string Fill()
    {
        var ballast = System.IO.Path.Combine(Path, "ballast");
        using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            return ballast;
        }
    }

    /// <summary>
    /// Refused while a descriptor is open for writing; and a program another test starts has copies of all there were, until it runs.
    /// </summary>
    public void MakeReadOnly() => SpinWait.SpinUntil(() => Run("mount", "-o", "remount,ro", Path), TimeSpan.FromSeconds(10)).ShouldBeTrue();

    public void Dispose() => Run("umount", "-l", Path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
