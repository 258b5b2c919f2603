using Microsoft.Extensions.Logging;

namespace ProtoAgent.Agent.Fleet;

/// <summary>
/// Keeps one member running: starts it, or takes on the process there is; starts it again when it ends by itself, later each time; gives up when it
/// can't live for a minute several times in a row, or was refused.
/// </summary>
internal sealed partial class MemberRun(FleetHost host, FleetEntry entry, Action<MemberProcess> started, Action<string, MemberRun> tell, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Times in a row it may end within a minute.</summary>
    public const int Patience = 6;

    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>sysexits: of these another try changes nothing until a person has. Not 75, a port or lock that may come free.</summary>
    private static readonly int[] s_final = [2, 73, 78];

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MemberProcess? _process;
    private Task _loop = Task.CompletedTask;

    public string Name => entry.Name;

    public string State { get; private set; } = "starting";

    public int Restarts { get; private set; }

    public string? LastError { get; private set; }

    public int? Pid => Volatile.Read(ref _process) is { } process && process.IsAlive() ? process.Pid : null;

    /// <summary>Completes when it answers for the first time, or has ended instead.</summary>
    public Task Decided => _decided.Task;

    public void Begin() => _loop = Task.Run(LoopAsync);

    /// <summary>Its process is gone when this returns.</summary>
    public async Task StopAsync()
    {
        State = "stopping";
        await _stop.CancelAsync();
        await _loop;
        if (_process is { } process)
        {
            await process.StopAsync(host.Grace, time);
        }

        State = "stopped";
        _decided.TrySetResult();
    }

    public void Dispose() => _stop.Dispose();

    private async Task LoopAsync()
    {
        try
        {
            for (var quick = 0; !_stop.IsCancellationRequested;)
            {
                var began = time.GetTimestamp();
                var process = Take();
                Volatile.Write(ref _process, process);
                started(process);
                await AnswersAsync(process);
                await process.WaitAsync(time, _stop.Token);
                quick = time.GetElapsedTime(began) < s_settled ? quick + 1 : 1;
                LastError = $"it ended by itself{(process.ExitCode is { } code ? $" with exit code {code}" : "")}; {host.LogOf(Name)} has what it said";
                LogEnded(log, Name, LastError);
                if (quick >= Patience || (process.ExitCode is { } final && s_final.Contains(final)))
                {
                    Say("failed");
                    _decided.TrySetResult();
                    return;
                }

                Say("waiting");
                _decided.TrySetResult();
                await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, quick - 1)), time, _stop.Token);
                Restarts++;
                State = "starting";
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped: whoever asked for that ends the process.
        }
        catch (Exception e)
        {
            LastError = e is FleetRefusedException ? e.Message : $"its supervision failed: {e.Message}";
            LogBroken(log, e, Name);
            Say("failed");
            _decided.TrySetResult();
        }
    }

    /// <summary>
    /// Never a second one. One that answers stands in the box's registry; one that was just started when its supervisor was killed stands in the
    /// fleet's file; and if it does in neither, it has the port, which the second can't get.
    /// </summary>
    private MemberProcess Take()
    {
        if (host.Live(Name) is { } live)
        {
            if (live.PidNamespace != new FileInfo("/proc/self/ns/pid").LinkTarget || MemberProcess.Find(live.Pid, null) is not { } answering)
            {
                throw new FleetRefusedException("instance_running", $"the instance '{Name}' runs in another container ({live.HostName}, port {live.Port}), where it can't be supervised from here");
            }

            LogAdopted(log, Name, live.Pid);
            return answering;
        }

        if (entry.Pid is { } pid && _process is null && entry.StartTicks is not null && MemberProcess.Find(pid, entry.StartTicks) is { } left)
        {
            LogAdopted(log, Name, pid);
            return left;
        }

        return MemberProcess.Start(host, Name, entry.Port);
    }

    private async Task AnswersAsync(MemberProcess process)
    {
        while (process.IsAlive())
        {
            if (host.Live(Name) is { } live && live.Pid == process.Pid)
            {
                Say("running");
                _decided.TrySetResult();
                return;
            }

            await Task.Delay(s_look, time, _stop.Token);
        }
    }

    private void Say(string state)
    {
        State = state;
        tell(state, this);
    }

    [LoggerMessage(EventName = "member_adopted", Level = LogLevel.Information, Message = "the member {Member} runs already, as pid {Pid}, and is taken on")]
    private static partial void LogAdopted(ILogger log, string member, int pid);

    [LoggerMessage(EventName = "member_ended", Level = LogLevel.Warning, Message = "the member {Member}: {How}")]
    private static partial void LogEnded(ILogger log, string member, string how);

    [LoggerMessage(EventName = "member_broken", Level = LogLevel.Error, Message = "the member {Member} can't be kept running")]
    private static partial void LogBroken(ILogger log, Exception e, string member);
}
