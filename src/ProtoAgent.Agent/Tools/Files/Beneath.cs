using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>
/// Opens a path below a folder such that nothing on its way leads out of it, even while another process swaps folders for
/// links. Links that stay inside are followed. The kernel does it (<c>openat2</c>, Linux 5.6); where it can't, or a sandbox
/// forbids the call, the path is walked name by name, each link read and followed by hand.
/// </summary>
/// <param name="walk">Always walk: for tests.</param>
internal sealed class Beneath(bool walk = false)
{
    public const int MostLinks = 40;
    private const int MostTries = 1_000;

    private volatile bool _walk = walk;

    /// <param name="path">Relative to the folder; empty for the folder itself.</param>
    /// <returns>0, or the kernel's error.</returns>
    public int Open(SafeFileHandle folder, string path, int flags, out SafeFileHandle handle)
    {
        if (!_walk)
        {
            var error = AskKernel(folder, path, flags, out handle);

            // An old container runtime answers "not permitted" to a call it doesn't know, which alone can also mean the file.
            if (error != Refusal.NotSupported && (error != Refusal.NotPermitted || Works(folder)))
            {
                return error;
            }

            _walk = true;
        }

        return Walk(folder, path, flags, out handle);
    }

    private static bool Works(SafeFileHandle folder)
    {
        using var self = AskKernel(folder, "", LinuxFile.PathOnly | LinuxFile.Directory, out var handle) == 0 ? handle : null;
        return self is not null;
    }

    private static int AskKernel(SafeFileHandle folder, string path, int flags, out SafeFileHandle handle)
    {
        int error;
        var tries = 0;
        do
        {
            error = LinuxFile.OpenBeneath(folder, path.Length == 0 ? "." : path, flags, out handle);
        }
        while (error is Refusal.TryAgain or Refusal.Interrupted && ++tries < MostTries);

        return error;
    }

    private static int Walk(SafeFileHandle root, string path, int flags, out SafeFileHandle handle)
    {
        handle = new SafeFileHandle();
        var rest = new Stack<string>();
        Push(rest, path);
        var folders = new Stack<SafeFileHandle>();
        try
        {
            for (var links = 0; rest.TryPop(out var name);)
            {
                if (name == "..")
                {
                    if (!folders.TryPop(out var left))
                    {
                        return Refusal.CrossesBorder;
                    }

                    left.Dispose();
                    continue;
                }

                var here = folders.TryPeek(out var top) ? top : root;
                var isLast = rest.Count == 0;
                var error = LinuxFile.OpenAt(here, name, LinuxFile.NoFollow | (isLast ? flags : LinuxFile.PathOnly | LinuxFile.Directory), out var opened);
                if (error == 0 && isLast)
                {
                    handle = opened;
                    return 0;
                }

                if (error == 0)
                {
                    folders.Push(opened);
                    continue;
                }

                // A link, opened without following, is "too many links", or "not a folder" where one was asked for.
                if (error is not (Refusal.TooManyLinks or Refusal.NotAFolder) || LinuxFile.ReadLink(here, name) is not { } target)
                {
                    return error;
                }

                if (++links > MostLinks)
                {
                    return Refusal.TooManyLinks;
                }

                if (target.StartsWith('/'))
                {
                    return Refusal.CrossesBorder;
                }

                Push(rest, target);
            }

            return LinuxFile.OpenAt(folders.TryPeek(out var at) ? at : root, ".", flags, out handle);
        }
        finally
        {
            foreach (var folder in folders)
            {
                folder.Dispose();
            }
        }
    }

    private static void Push(Stack<string> rest, string path)
    {
        foreach (var part in path.Split('/').Where(p => p is not ("" or ".")).Reverse())
        {
            rest.Push(part);
        }
    }
}
