using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Tests.Stores.Jobs;

/// <summary>A data home and a clock; opens as many stores on the one file as a test wants processes.</summary>
internal sealed class JobFixture : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IJobStore> _opened = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public DateTimeOffset Now => Time.GetUtcNow();

    public string File => _folder.Paths().Jobs;

    public async Task<IJobStore> OpenAsync()
    {
        var store = await JobStore.OpenAsync(_folder.Paths(), Time, NullLogger.Instance);
        _opened.Add(store);
        return store;
    }

    public DateTimeOffset In(double minutes) => Now.AddMinutes(minutes);

    /// <summary>Due in a minute.</summary>
    public NewJob New(string prompt = "water the plants", JobPolicy? policy = null, string? id = null) =>
        new(prompt, "every 1m", "UTC", In(1)) { Policy = policy ?? new JobPolicy(), Id = id };

    public async Task<Job> AddAsync(IJobStore store, NewJob? job = null) => (await store.AddAsync(job ?? New())).Job;

    /// <summary>The clock goes to the job's next fire, and it is claimed; the one after is a minute later.</summary>
    public async Task<Run> ClaimAsync(IJobStore store, string jobId, string runner = "p1")
    {
        var due = (await store.GetAsync(jobId))!.NextFire!.Value;
        if (due > Now)
        {
            Time.SetUtcNow(due);
        }

        return (await store.ClaimAsync(jobId, due, due.AddMinutes(1), runner))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}
