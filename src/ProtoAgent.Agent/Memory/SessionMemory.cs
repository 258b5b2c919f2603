using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>The summaries of sessions: written beside the turns, read and made again from the thread when one is missing. See README.md.</summary>
public sealed partial class SessionMemory(SessionFiles files, ICheckpointStore checkpoints, MemoryOptions options, TimeProvider time, ILogger<SessionMemory> logger) : IAsyncDisposable
{
    /// <summary>Threads looked through once for what a process that died did not get to.</summary>
    private const int LookedThrough = 50;

    /// <summary>A session last spoken in before that, and never summarised, is from before there was a memory: no model is asked about it.</summary>
    private static readonly TimeSpan s_tooOldForFacts = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _files = new(1, 1);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private Task _writing = Task.CompletedTask;
    private bool _hasLookedThrough;

    /// <summary>Told of each summary that has something in it no facts were taken from.</summary>
    public Action<SessionSummary> Written { get; set; } = _ => { };

    internal SessionDigest Digest { get; } = new(files, options.DigestSessions);

    /// <inheritdoc cref="SessionFiles.Problem"/>
    public StoreException? Problem => files.Problem;

    /// <summary>Of a turn that has ended. Neither waits nor throws.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        if (!options.Enabled || turn.Incognito || !MemoryScope.IsRemembered(turn.ThreadId))
        {
            return;
        }

        lock (_gate)
        {
            _ended.Add(turn.ThreadId);
            if (_writing.IsCompleted)
            {
                _writing = Task.Run(WriteAllAsync);
            }
        }
    }

    /// <summary>Ends when the sessions whose turns have ended by now are written, or can't be.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            return _writing;
        }
    }

    /// <summary>As its thread now is; as its file has it when there is no thread any more. Null when nothing is remembered of it.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    public async Task<SessionSummary?> GetAsync(string sessionId, CancellationToken cancellationToken = default)
    {
        if (!MemoryScope.IsRemembered(sessionId))
        {
            return null;
        }

        await _files.WaitAsync(cancellationToken);
        try
        {
            var summary = files.Read(sessionId);
            if (options.Enabled && await checkpoints.GetThreadAsync(sessionId, cancellationToken) is { } thread && !IsCurrent(summary, thread)
                && await checkpoints.GetOpenTurnAsync(sessionId, cancellationToken) is null)
            {
                summary = await WriteAsync(thread, summary, cancellationToken);
            }

            return summary is { IsForgotten: false, MessageCount: > 0 } ? summary : null;
        }
        finally
        {
            _files.Release();
        }
    }

    /// <inheritdoc cref="SessionFiles.List"/>
    public SessionPage List(int limit, string? cursor) => files.List(limit, cursor);

    /// <summary>Forgets those whose last turn ended before; how many. Where the thread stays, so does the word that they are forgotten.</summary>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var forgotten = 0L;
        foreach (var old in files.OlderThan(before))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var thread = await checkpoints.GetThreadAsync(old.SessionId, cancellationToken);
            if (thread is null || (thread.UpdatedAt < before && !old.IsForgotten))
            {
                forgotten += await ForgetAsync(old.SessionId) ? 1 : 0;
            }
        }

        return forgotten;
    }

    /// <summary>Nothing is remembered of it any more; where the thread stays, nothing of what was said in it by now comes back either.</summary>
    /// <returns>False if nothing was.</returns>
    /// <exception cref="StoreException">It is still there.</exception>
    public async Task<bool> ForgetAsync(string sessionId)
    {
        await _files.WaitAsync();
        try
        {
            var before = files.Read(sessionId);
            if (await checkpoints.GetThreadAsync(sessionId) is { } thread && MemoryScope.IsRemembered(sessionId))
            {
                var last = await checkpoints.ReadStepsAsync(sessionId, thread.Head - 1, 1);
                files.Write(new SessionSummary(sessionId, before?.Surface ?? "", "", thread.CreatedAt, thread.UpdatedAt, thread.Head, 0, [], [], 0, "")
                {
                    HeadTurn = last is [var step] ? step.TurnId : "",
                    ForgottenThrough = thread.Head, Facts = new FactState(thread.Head),
                });
            }
            else
            {
                files.Delete(sessionId);
            }

            Digest.Remove(sessionId);
            return before is { IsForgotten: false };
        }
        finally
        {
            _files.Release();
        }
    }

    /// <summary>Null when it is gone, or <paramref name="change"/> leaves it as it is.</summary>
    internal async Task<SessionSummary?> ChangeAsync(string sessionId, Func<SessionSummary, SessionSummary?> change)
    {
        await _files.WaitAsync();
        try
        {
            if (files.Read(sessionId) is not { } summary || change(summary) is not { } changed)
            {
                return null;
            }

            files.Write(changed);
            return changed;
        }
        finally
        {
            _files.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FlushAsync();
        _files.Dispose();
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            string session;
            lock (_gate)
            {
                if (_ended.Count == 0)
                {
                    // Said while nobody can add another: whoever does next begins anew.
                    _writing = Task.CompletedTask;
                    return;
                }

                session = _ended.First();
                _ended.Remove(session);
            }

            await TryAsync(session);
            if (!_hasLookedThrough)
            {
                _hasLookedThrough = true;
                await LookThroughAsync();
            }
        }
    }

    private async Task TryAsync(string session)
    {
        try
        {
            await _files.WaitAsync();
            try
            {
                if (await checkpoints.GetThreadAsync(session) is { } thread)
                {
                    await WriteAsync(thread, files.Read(session), CancellationToken.None);
                }
            }
            finally
            {
                _files.Release();
            }
        }
        catch (Exception e)
        {
            LogUnwritten(logger, session, e.Message);
        }
    }

    /// <summary>What a process that died had not summarised yet. Once, beside the first turn.</summary>
    private async Task LookThroughAsync()
    {
        try
        {
            foreach (var thread in (await checkpoints.ListThreadsAsync(LookedThrough)).Items.Where(t => MemoryScope.IsRemembered(t.Id)))
            {
                if (files.Read(thread.Id) is var known && IsCurrent(known, thread))
                {
                    Tell(known!);
                }
                else
                {
                    await GetAsync(thread.Id);
                }
            }
        }
        catch (Exception e)
        {
            LogUnwritten(logger, "of another process", e.Message);
        }
    }

    private async Task<SessionSummary> WriteAsync(ThreadInfo thread, SessionSummary? before, CancellationToken cancellationToken)
    {
        // A thread that was rewound is another conversation from there on.
        var extends = before is not null && await HasAsync(thread, before, cancellationToken) ? before : null;
        var forgotten = Math.Min(before?.ForgottenThrough ?? 0, thread.Head);

        // As the thread was when it was looked at: the next turn may have begun meanwhile, and its question would be counted twice.
        var steps = (await checkpoints.ReadStepsAsync(thread.Id, Math.Max(extends?.Head ?? 0, forgotten), cancellationToken: cancellationToken))
            .Where(s => s.Seq <= thread.Head).ToList();
        var surface = extends?.Surface is { Length: > 0 } known ? known
            : steps.Count > 0 && await checkpoints.GetTurnAsync(steps[0].TurnId, cancellationToken) is { } turn ? turn.Origin : "operator";
        var through = before?.Facts ?? new FactState(thread.UpdatedAt < time.GetUtcNow() - s_tooOldForFacts ? thread.Head : thread.ParentStep ?? 0);
        var added = before is null ? thread.Head : steps.FirstOrDefault(s => s.At > before.Timestamp)?.Seq - 1 ?? thread.Head;
        var summary = SummaryWriter.Extend(extends, thread, surface, steps) with
        {
            Surface = surface,
            HeadTurn = steps.Count > 0 ? steps[^1].TurnId : extends?.HeadTurn ?? "",
            ForgottenThrough = forgotten,
            Facts = through with { Through = Math.Min(through.Through, extends is null ? added : thread.Head) },
        };
        files.Write(summary);
        Digest.Put(summary);
        Tell(summary);
        return summary;
    }

    private static bool IsCurrent(SessionSummary? summary, ThreadInfo thread) => summary?.Head == thread.Head && summary.Timestamp == thread.UpdatedAt;

    /// <summary>Whether what was summarised is the beginning of the thread still.</summary>
    private async Task<bool> HasAsync(ThreadInfo thread, SessionSummary before, CancellationToken cancellationToken) =>
        before.Head == 0 || (before.Head <= thread.Head && (await checkpoints.ReadStepsAsync(thread.Id, before.Head - 1, 1, cancellationToken)) is [var last] && last.TurnId == before.HeadTurn);

    private void Tell(SessionSummary summary)
    {
        if (summary.Facts is { } facts && (facts.Through < summary.Head || facts.Found is not null))
        {
            Written(summary);
        }
    }

    [LoggerMessage(EventName = "memory_unwritten", Level = LogLevel.Warning, Message = "the session {Session} could not be summarised; its thread has all of it, and it is tried again when it is asked for: {Reason}")]
    private static partial void LogUnwritten(ILogger log, string session, string reason);
}
