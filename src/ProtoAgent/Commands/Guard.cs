using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ProtoAgent.Commands;

/// <summary>
/// <c>protoagent guard --parent &lt;pid&gt; -- &lt;command&gt; &lt;arguments…&gt;</c>: runs a program for an instance and sees to it that
/// neither it nor anything it started outlives the instance, even one killed with <c>kill -9</c>. Not for people, hence not in
/// the help. Not <c>PR_SET_PDEATHSIG</c>: that is tied to the thread that forked, and threads of a pool come and go.
/// </summary>
/// <remarks>
/// Exit codes: the program's own, or 128 and the signal that ended it; 126 and 127 as a shell has them when it can't be started;
/// 2 usage; 71 when the kernel lacks what this needs.
/// </remarks>
internal sealed class Guard
{
    public const string Name = "guard";

    private const int SystemError = 71;
    private const int NotExecutable = 126;
    private const int NotFound = 127;

    /// <summary>Between asking to stop and stopping.</summary>
    private const int GraceMilliseconds = 2_000;

    /// <summary>A process that waits for a disk can't be killed at once; it is looked at again after so long.</summary>
    private const int KillPauseMilliseconds = 20;

    private readonly int _parent;
    private readonly int _wake;
    private int _program;
    private int? _status;
    private volatile bool _told;

    private Guard(int parent, int wake) => (_parent, _wake) = (parent, wake);

    public static int Run(string[] args)
    {
        if (args is not ["--parent", var given, "--", { Length: > 0 } command, ..] || !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var parentId))
        {
            return Say(ExitCodes.Usage, "usage: protoagent guard --parent <pid> -- <command> <arguments…>");
        }

        // A session of its own: no terminal, and no signal meant for the instance's group reaches it. Refused only to who leads one.
        _ = GuardCalls.NewSession();
        var parent = GuardCalls.OpenProcess(parentId);
        if (parent < 0 && Marshal.GetLastPInvokeError() != GuardCalls.NoSuchProcess)
        {
            return Say(SystemError, $"the kernel gives no handle on a process (pidfd_open, Linux 5.3): {Error()}.");
        }

        // Asked after the handle is there: were the parent gone, and its number another's by now, the handle would be a stranger's.
        if (parent < 0 || GuardCalls.Parent() != parentId)
        {
            return Say(SystemError, $"the process {parentId}, which was to be its parent, is not: '{command}' is not started.");
        }

        var wake = GuardCalls.EventFile();
        return wake >= 0 && GuardCalls.AdoptOrphans()
            ? new Guard(parent, wake).Run(args[3..], command)
            : Say(SystemError, $"what the program leaves behind can't be adopted (eventfd, PR_SET_CHILD_SUBREAPER): {Error()}.");
    }

    private int Run(IReadOnlyList<string> words, string command)
    {
        PosixSignal[] heard = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT, PosixSignal.SIGCHLD];
        var registrations = Array.ConvertAll(heard, s => PosixSignalRegistration.Create(s, Tell));
        var error = GuardSpawn.Start(words, out _program);
        var code = error == 0
            ? Watch()
            : Say(error == GuardCalls.NotThere ? NotFound : NotExecutable, $"'{command}' can't be started: {new Win32Exception(error).Message}.");
        Array.ForEach(registrations, r => r.Dispose());
        return code;
    }

    private void Tell(PosixSignalContext context)
    {
        context.Cancel = true;
        if (context.Signal != PosixSignal.SIGCHLD)
        {
            _told = true;
        }

        GuardCalls.Wake(_wake);
    }

    /// <summary>Until the program or the parent has ended, or a signal says so; then until nothing is left.</summary>
    private int Watch()
    {
        var left = true;
        for (var alone = false; left && _status is null && !alone && !_told; left = Reap())
        {
            alone = GuardCalls.Wait(_parent, _wake, Timeout.Infinite);
        }

        if (left)
        {
            Signal(GuardCalls.Terminate);
            left = WaitForAll(GraceMilliseconds);
        }

        while (left)
        {
            // Again and again: whoever is killed leaves his children to us.
            Signal(GuardCalls.Kill);
            left = WaitForAll(KillPauseMilliseconds);
        }

        return GuardCalls.ExitCode(_status ?? 0);
    }

    /// <returns>Whether any is left.</returns>
    private bool WaitForAll(int milliseconds)
    {
        var until = Environment.TickCount64 + milliseconds;
        bool left;
        while ((left = Reap()) && until - Environment.TickCount64 is > 0 and var remaining)
        {
            // No longer the parent: gone, its handle would wake us for ever.
            GuardCalls.Wait(-1, _wake, (int)remaining);
        }

        return left;
    }

    /// <summary>Takes note of those that ended. Orphans become ours, so that a long-lived server leaves no zombies either.</summary>
    /// <returns>Whether any is left.</returns>
    private bool Reap()
    {
        int ended;
        while ((ended = GuardCalls.Reap(out var status)) > 0)
        {
            if (ended == _program)
            {
                _status = status;
            }
        }

        return ended == 0;
    }

    /// <summary>
    /// To the program's group, at once as it may be multiplying, and to each child of ours: those that left the group, by becoming
    /// daemons, are our children once their parents are gone. No number can be another's: a child's, and its group's, is free
    /// only after <see cref="Reap"/>.
    /// </summary>
    private void Signal(int signal)
    {
        var children = GuardCalls.Children();
        if (children.Any(c => c.Group == _program))
        {
            _ = GuardCalls.Signal(-_program, signal);
        }

        foreach (var child in children.Where(c => c.Group != _program))
        {
            _ = GuardCalls.Signal(child.Id, signal);
        }
    }

    private static int Say(int code, string message)
    {
        Console.Error.WriteLine($"protoagent guard: {message}");
        return code;
    }

    private static string Error() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;
}
