namespace ProtoAgent.Agent.Memory;

/// <summary>
/// Says which of many things have been quiet for a while. One shot of a timer after the last touch of all, none while nothing
/// happens; what came to rest earlier is found by the next touch of another.
/// </summary>
internal sealed class QuietWatch : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _quiet;
    private readonly Func<IReadOnlyList<string>, CancellationToken, Task> _work;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, DateTimeOffset> _touched = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Task _working = Task.CompletedTask;

    /// <param name="work">Told what is quiet. Does not throw.</param>
    public QuietWatch(TimeProvider time, TimeSpan quiet, Func<IReadOnlyList<string>, CancellationToken, Task> work) => (_time, _quiet, _work) = (time, quiet, work);

    /// <summary>It is not quiet now.</summary>
    public void Touch(string name)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _touched[name] = _time.GetUtcNow();
            BeginDue_NeedsLock();
            _timer ??= _time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(_quiet, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>It is looked at when something else has been quiet: no timer is set for it.</summary>
    public void Keep(string name)
    {
        lock (_gate)
        {
            _touched.TryAdd(name, _time.GetUtcNow());
        }
    }

    public void Forget(string name)
    {
        lock (_gate)
        {
            _touched.Remove(name);
        }
    }

    /// <summary>Ends when what was quiet by now is dealt with.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            return _working;
        }
    }

    /// <summary>What works is told to end. Safe twice.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task working;
        lock (_gate)
        {
            _timer?.Dispose();
            working = _working;
        }

        await working;
    }

    private void Fire()
    {
        lock (_gate)
        {
            BeginDue_NeedsLock();
        }
    }

    private void BeginDue_NeedsLock()
    {
        var before = _time.GetUtcNow() - _quiet;
        var due = _touched.Where(t => t.Value <= before).OrderBy(t => t.Value).Select(t => t.Key).ToList();
        if (due.Count > 0 && !_stopping.IsCancellationRequested)
        {
            due.ForEach(d => _touched.Remove(d));
            _working = Task.WhenAll(_working, WorkAsync(_working, due, _stopping.Token));
        }
    }

    private async Task WorkAsync(Task earlier, IReadOnlyList<string> due, CancellationToken stopping)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await earlier;
        await _work(due, stopping);
    }
}
