using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Agent.Fleet;

/// <summary>The instances this one supervises. One process at a time does, held by a lock beside the file; nothing is opened while there is no fleet.</summary>
public sealed partial class FleetSupervisor(FleetHost host, EventBus events, TimeProvider time, ILogger<FleetSupervisor> log) : IAsyncDisposable
{
    private const int FirstPort = 7871;
    private const int LastPort = 8870;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, MemberRun> _runs = new(StringComparer.Ordinal);
    private readonly FleetEvents _events = new(events);
    private readonly CancellationTokenSource _stopping = new();
    private FleetDocument? _fleet;
    private OwnerLease? _lease;
    private Task _beginning = Task.CompletedTask;

    /// <summary>Starts, or takes on, the members that are meant to run. Where another process supervises them, waits for it to go.</summary>
    public void Start()
    {
        if (File.Exists(host.File))
        {
            _beginning = Task.Run(BeginAsync);
        }
    }

    /// <exception cref="FleetRefusedException">Another process supervises this fleet, or its file can't be read.</exception>
    public Task<IReadOnlyList<FleetMember>> ListAsync() => LockedAsync<IReadOnlyList<FleetMember>>(() => Task.FromResult<IReadOnlyList<FleetMember>>(
        [.. (File.Exists(host.File) ? Own() : new(FleetDocument.CurrentSchema, [])).Members.OrderBy(m => m.Name, StringComparer.Ordinal).Select(Show)]));

    /// <summary>One, with where its data is.</summary>
    /// <exception cref="FleetRefusedException">There is no such member.</exception>
    public Task<FleetMember> ShowAsync(string name) => LockedAsync(() => Task.FromResult(Show(Entry(name)) with { Data = MemberData.Of(host.Paths.DataHome.Path, Entry(name).Name) }));

    /// <summary>Takes a new member in and starts it; answers when it answers, or has failed to.</summary>
    /// <param name="port">Null for a free one, which it keeps.</param>
    /// <exception cref="FleetRefusedException">The name, or the port, can't be had.</exception>
    public async Task<FleetMember> AddAsync(string name, int? port)
    {
        if (NameRules.Violation(name) is { } violation)
        {
            throw new FleetRefusedException("member_name_invalid", $"'{NameRules.Show(name)}' can't be a member's name, which is its instance id: {violation}. Try '{NameRules.Suggest(name, "agent")}'.");
        }

        await LockedAsync(() =>
        {
            var fleet = Own();
            if (fleet.Members.Any(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new FleetRefusedException("member_exists", $"'{name}' is a member already.");
            }

            if (string.Equals(name, host.Self.Instance, StringComparison.OrdinalIgnoreCase) || host.Live(name) is not null)
            {
                throw new FleetRefusedException("instance_running", $"The instance '{name}' runs already, started by somebody else. Stop it there first, or take another name.");
            }

            Keep(fleet with { Members = [.. fleet.Members, new FleetEntry(name, Port(fleet, port), Wanted: false, null, null)] });
            return Task.FromResult(true);
        });
        _events.Tell("added", name, null);
        return await StartAsync(name);
    }

    /// <summary>Answers when it answers, or has failed to.</summary>
    /// <exception cref="FleetRefusedException">There is no such member.</exception>
    public async Task<FleetMember> StartAsync(string name)
    {
        var run = await LockedAsync(async () =>
        {
            Want(name, wanted: true);
            if (_runs.TryGetValue(name, out var before))
            {
                if (before.State is "running" or "starting")
                {
                    return before;
                }

                await before.StopAsync();
                before.Dispose();
            }

            return Run(Entry(name));
        });
        await run.Decided;
        return await LockedAsync(() => Task.FromResult(Show(Entry(name))));
    }

    /// <summary>Its process is gone when this answers.</summary>
    /// <exception cref="FleetRefusedException">There is no such member.</exception>
    public Task<FleetMember> StopAsync(string name) => LockedAsync(async () =>
    {
        Want(name, wanted: false);
        await EndAsync(name);
        return Show(Entry(name));
    });

    /// <summary>Stops it and takes it out. Its data stays where it is, and is its own again when one of that name is added.</summary>
    /// <returns>What there is of its data, folders and files.</returns>
    /// <exception cref="FleetRefusedException">There is no such member.</exception>
    public async Task<IReadOnlyList<string>> RemoveAsync(string name, bool purge)
    {
        var data = await LockedAsync(async () =>
        {
            Want(name, wanted: false);
            await EndAsync(name);
            var fleet = Own();
            Keep(fleet with { Members = [.. fleet.Members.Where(m => m.Name != name)] });
            var found = MemberData.Of(host.Paths.DataHome.Path, name);
            if (purge)
            {
                MemberData.Delete(found);
            }

            return found;
        });
        _events.Tell("removed", name, null);
        return data;
    }

    public IEnumerable<StandingWarning> Warnings()
    {
        MemberRun[] runs;
        lock (_runs)
        {
            runs = [.. _runs.Values];
        }

        return runs.Where(r => r.State == "failed").Select(r => new StandingWarning(
            "fleet_member_failed", $"the member {r.Name} is meant to run and does not: {r.LastError}.", $"Put right what its log says, then: protoagent fleet start {r.Name}"));
    }

    /// <summary>The members stop with their supervisor, and start with it again. One that is killed leaves them running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _beginning;
        await _gate.WaitAsync();
        await Task.WhenAll(_runs.Values.Select(r => r.StopAsync()));
        foreach (var run in _runs.Values)
        {
            run.Dispose();
        }

        _lease?.Dispose();
        _stopping.Dispose();
        _gate.Dispose();
    }

    private async Task BeginAsync()
    {
        try
        {
            var lease = OwnerLock.TryAcquire(host.File, host.Self, out var holder);
            if (lease is null)
            {
                LogHeld(log, host.File, holder?.Pid);
                lease = await OwnerLock.AcquireAsync(host.File, host.Self, _stopping.Token);
            }

            await LockedAsync(() =>
            {
                _lease = lease;
                foreach (var entry in Own().Members.Where(m => m.Wanted))
                {
                    Run(entry);
                }

                return Task.FromResult(true);
            });
        }
        catch (OperationCanceledException)
        {
            // Stopped before the other one went.
        }
        catch (Exception e)
        {
            LogNotBegun(log, e, host.File);
        }
    }

    private MemberRun Run(FleetEntry entry)
    {
        var run = new MemberRun(host, entry, process => _ = RememberAsync(entry.Name, process), (state, r) => _events.Tell(state, r.Name, r.Pid), time, log);
        lock (_runs)
        {
            _runs[entry.Name] = run;
        }

        run.Begin();
        return run;
    }

    private async Task EndAsync(string name)
    {
        if (_runs.TryGetValue(name, out var run))
        {
            await run.StopAsync();
            run.Dispose();
            lock (_runs)
            {
                _runs.Remove(name);
            }

            _events.Tell("stopped", name, null);
        }
    }

    /// <summary>For whoever supervises after a kill in this moment, before the member stands in the registry.</summary>
    private async Task RememberAsync(string name, MemberProcess process)
    {
        try
        {
            await LockedAsync(() =>
            {
                var fleet = Own();
                Keep(fleet with { Members = [.. fleet.Members.Select(m => m.Name == name ? m with { Pid = process.Pid, StartTicks = process.StartTicks } : m)] });
                return Task.FromResult(true);
            });
        }
        catch (Exception e) when (e is FleetRefusedException or ObjectDisposedException)
        {
            LogNotRemembered(log, e, name);
        }
    }

    private FleetDocument Own()
    {
        _lease ??= OwnerLock.TryAcquire(host.File, host.Self, out var holder)
            ?? throw new FleetRefusedException("fleet_not_owned", $"Another process on this instance's root supervises its fleet{(holder is null ? "" : $" (pid {holder.Pid}, port {holder.Port})")}. Ask that one.");
        return _fleet ??= FleetDocument.Read(host.File);
    }

    private void Keep(FleetDocument fleet)
    {
        fleet.Write(host.File);
        _fleet = fleet;
    }

    private FleetEntry Entry(string name) => Own().Members.FirstOrDefault(m => m.Name == name)
        ?? throw new FleetRefusedException("member_not_found", $"There is no member '{NameRules.Show(name)}'. GET /api/fleet lists those there are.");

    private void Want(string name, bool wanted)
    {
        if (Entry(name).Wanted != wanted)
        {
            var fleet = Own();
            Keep(fleet with { Members = [.. fleet.Members.Select(m => m.Name == name ? m with { Wanted = wanted } : m)] });
        }
    }

    private FleetMember Show(FleetEntry entry)
    {
        var run = _runs.GetValueOrDefault(entry.Name);
        var live = host.Live(entry.Name);
        return new FleetMember(
            entry.Name, run?.State ?? "stopped", live?.Port ?? entry.Port, run?.Pid, run?.State == "running" ? live?.Url : null, entry.Wanted, run?.Restarts ?? 0, run?.LastError, host.LogOf(entry.Name));
    }

    private static int Port(FleetDocument fleet, int? asked)
    {
        var taken = fleet.Members.Select(m => m.Port).ToHashSet();
        if (asked is { } port)
        {
            return !taken.Contains(port) && IsFree(port) ? port : throw new FleetRefusedException("port_taken", $"Port {port} is another's. Leave it out for a free one.");
        }

        // From anywhere on: two supervisors that look at once, or whose members are stopped just now, would both find the first one free.
        var (count, from) = (LastPort - FirstPort + 1, Random.Shared.Next(LastPort - FirstPort + 1));
        return Enumerable.Range(0, count).Select(i => FirstPort + ((from + i) % count)).FirstOrDefault(p => !taken.Contains(p) && IsFree(p)) is > 0 and var free
            ? free : throw new FleetRefusedException("port_taken", $"No port from {FirstPort} to {LastPort} is free. Give one.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<T> LockedAsync<T>(Func<Task<T>> work)
    {
        await _gate.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            _gate.Release();
        }
    }

    [LoggerMessage(EventName = "fleet_held", Level = LogLevel.Warning, Message = "another process (pid {Pid}) supervises the fleet of {File}; this one takes over when it goes")]
    private static partial void LogHeld(ILogger log, string file, int? pid);

    [LoggerMessage(EventName = "fleet_not_begun", Level = LogLevel.Error, Message = "the fleet of {File} is not supervised")]
    private static partial void LogNotBegun(ILogger log, Exception e, string file);

    [LoggerMessage(EventName = "fleet_not_remembered", Level = LogLevel.Warning, Message = "the process of the member {Member} could not be written down")]
    private static partial void LogNotRemembered(ILogger log, Exception e, string member);
}
