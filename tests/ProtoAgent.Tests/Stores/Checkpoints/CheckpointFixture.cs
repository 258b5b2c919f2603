using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Tests.Stores.Checkpoints;

/// <summary>A data home, a clock and who lives; opens as many stores on the one file as a test wants processes.</summary>
internal sealed class CheckpointFixture : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<ICheckpointStore> _opened = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ConcurrentDictionary<string, bool> Live { get; } = new() { ["p1"] = true, ["p2"] = true };

    public string File => _folder.Paths().Checkpoints;

    public async Task<ICheckpointStore> OpenAsync()
    {
        var store = await CheckpointStore.OpenAsync(_folder.Paths(), r => Live.GetValueOrDefault(r), Time, NullLogger.Instance);
        _opened.Add(store);
        return store;
    }

    public static NewTurn Turn(string turnId, string threadId = "t", string runner = "p1", params string[] says) =>
        new(turnId, threadId, runner, "operator", "offline", [.. says.DefaultIfEmpty("hello").Select(text => Says(text))]);

    public static NewStep Says(string text, StepKind kind = StepKind.User) => new(kind, $$"""{"text":"{{text}}"}""");

    public static async Task<long> BeginAsync(ICheckpointStore store, NewTurn turn) =>
        (await store.BeginTurnAsync(turn)) is TurnStart.Started started ? started.Head : throw new InvalidOperationException("Busy.");

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}
