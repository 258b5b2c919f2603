namespace ProtoAgent.Agent.Turns;

/// <summary>One at a time for each thread, in the order they came. A thread nobody waits for takes no memory.</summary>
internal sealed class ThreadQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);

    /// <summary>Work that runs or waits, in no order.</summary>
    public IReadOnlyList<Task> Pending
    {
        get
        {
            lock (_gate)
            {
                return [.. _last.Values];
            }
        }
    }

    /// <param name="work">Never throws.</param>
    public Task<T> Enqueue<T>(string threadId, Func<Task<T>> work)
    {
        lock (_gate)
        {
            var before = _last.GetValueOrDefault(threadId) ?? Task.CompletedTask;
            var mine = Task.Run(() => RunAsync(before, work));
            _last[threadId] = mine;
            _ = mine.ContinueWith(done => Forget(threadId, done), TaskScheduler.Default);
            return mine;
        }
    }

    private static async Task<T> RunAsync<T>(Task before, Func<Task<T>> work)
    {
        await before;
        return await work();
    }

    private void Forget(string threadId, Task done)
    {
        lock (_gate)
        {
            if (_last.TryGetValue(threadId, out var last) && last == done)
            {
                _last.Remove(threadId);
            }
        }
    }
}
