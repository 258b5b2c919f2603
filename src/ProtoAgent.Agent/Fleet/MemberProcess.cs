using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ProtoAgent.Agent.Fleet;

/// <summary>A member's process: a child of ours, which is reaped when it ends, or one an earlier supervisor left.</summary>
internal sealed partial class MemberProcess
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private const long LongestLog = 8 << 20;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Process? _child;

    private MemberProcess(int pid, long ticks, Process? child) => (Pid, StartTicks, _child) = (pid, ticks, child);

    public int Pid { get; }

    /// <summary>When it began, in the kernel's ticks since boot: a later process of the same number has others.</summary>
    public long StartTicks { get; }

    /// <summary>Null for one that is no child of ours: only a parent learns it.</summary>
    public int? ExitCode => _child is { HasExited: true } ? _child.ExitCode : null;

    /// <exception cref="FleetRefusedException">It can't be started.</exception>
    public static MemberProcess Start(FleetHost host, string name, int port)
    {
        var log = host.LogOf(name);
        try
        {
            Instances.Paths.AtomicFile.CreateFolder(Path.GetDirectoryName(log)!);
            if (new FileInfo(log) is { Exists: true, Length: > LongestLog })
            {
                File.Move(log, log + ".1", overwrite: true);
            }

            // The shell only leads the streams into the file and becomes the program: a pipe of ours would break when we go, and the member goes on.
            var start = new ProcessStartInfo("/bin/sh", ["-c", "umask 077; exec \"$0\" \"$@\" </dev/null >>\"$FLEET_LOG\" 2>&1", host.Program, "serve", "--port", port.ToString(CultureInfo.InvariantCulture)])
            {
                // There, ./config.yaml is the box's own and no other instance's.
                WorkingDirectory = host.Paths.DataHome.Path, UseShellExecute = false,
            };
            start.Environment.Clear();
            foreach (var (key, value) in host.Environment)
            {
                start.Environment[key] = value;
            }

            start.Environment["PROTOAGENT_BOX_ROOT"] = host.Paths.DataHome.Path;
            start.Environment["PROTOAGENT_INSTANCE"] = name;
            start.Environment["FLEET_LOG"] = log;
            var child = Process.Start(start)!;
            return new MemberProcess(child.Id, TicksOf(child.Id) ?? 0, child);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            throw new FleetRefusedException("member_not_started", $"'{name}' can't be started: {e.Message}");
        }
    }

    /// <summary>The process an earlier supervisor started, if it lives.</summary>
    public static MemberProcess? Find(int pid, long? ticks) => TicksOf(pid) is { } now && (ticks is null || ticks == now) ? new MemberProcess(pid, now, null) : null;

    public bool IsAlive() => _child is not null ? !_child.HasExited : TicksOf(Pid) == StartTicks;

    /// <summary>Ends when the process is gone. Of one that is no child of ours nobody tells us: it is looked for each second.</summary>
    public async Task WaitAsync(TimeProvider time, CancellationToken cancelled)
    {
        if (_child is not null)
        {
            await _child.WaitForExitAsync(cancelled);
            return;
        }

        while (IsAlive())
        {
            await Task.Delay(s_look, time, cancelled);
        }
    }

    /// <summary>Asks it to end, and ends it if it doesn't within the time; gone when this returns.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        if (IsAlive())
        {
            _ = Signal(Pid, Terminate);
        }

        using var late = new CancellationTokenSource(grace, time);
        try
        {
            await WaitAsync(time, late.Token);
        }
        catch (OperationCanceledException)
        {
            if (IsAlive())
            {
                _ = Signal(Pid, Kill);
            }

            await WaitAsync(time, CancellationToken.None);
        }
    }

    /// <summary>proc(5), field 22; null if there is no such process, or only what its parent has not taken notice of yet.</summary>
    private static long? TicksOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
