namespace ProtoAgent.Stores;

/// <summary>
/// A store that is opened when it is first needed: not on the way to the first answer, and never by an instance that has no
/// use for it. One that could not be opened is tried again by whoever needs it next.
/// </summary>
/// <param name="name">As in the path table.</param>
/// <param name="file">Where it lies.</param>
/// <param name="problem">Why its last write failed; null when it did not.</param>
public sealed class LateStore<T>(string name, string file, Func<Task<T>> open, Func<T, StoreException?> problem) : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile T? _opened;
    private volatile StoreException? _refused;
    private bool _isClosed;

    /// <summary>Whether there is anything in it to ask for.</summary>
    public bool IsThere => _opened is not null || File.Exists(file);

    /// <summary>Whether somebody has needed it.</summary>
    public bool IsOpen => _opened is not null;

    /// <summary>Why it could not be opened, or why its last write failed; null when neither did.</summary>
    public StoreException? Problem => _opened is { } store ? problem(store) : _refused;

    /// <exception cref="StoreException">It could not be opened.</exception>
    public async ValueTask<T> GetAsync()
    {
        if (_opened is { } store)
        {
            return store;
        }

        await _gate.WaitAsync();
        try
        {
            if (_isClosed)
            {
                throw new StoreException(name, "store_closed", "The instance is stopping. Try again when it is back.");
            }

            return _opened ??= await open();
        }
        catch (StoreException e)
        {
            _refused = e;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _isClosed = true;
            if (_opened is { } store)
            {
                await store.DisposeAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}
