using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Inbox;
using Shouldly;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>A data home, a clock and who lives; opens as many stores on the one file as a test wants processes.</summary>
internal sealed class InboxFixture : IAsyncDisposable
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();
    private readonly List<InboxStore> _opened = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ConcurrentDictionary<string, bool> Live { get; } = new() { ["p1"] = true, ["p2"] = true };

    public InstancePaths Paths => _folder.Paths();

    /// <param name="time">Another clock than the tests' own.</param>
    public async Task<InboxStore> OpenAsync(TimeProvider? time = null)
    {
        var store = await InboxStore.OpenAsync(_folder.Paths(), p => Live.GetValueOrDefault(p), time ?? Time, NullLogger<InboxStore>.Instance);
        _opened.Add(store);
        return store;
    }

    public static async Task<InboxItem> AddAsync(
        InboxStore store, string text, InboxPriority priority = InboxPriority.Next, string source = "ci", string? key = null) =>
        (await store.AddAsync(new NewItem(text, priority, source, key), Window, 1000)).ShouldBeOfType<InboxAdd.Added>().Item;

    public static async Task<InboxItem> ClaimOneAsync(InboxStore store, string claimer = "p1") =>
        (await store.ClaimAsync(InboxPriority.Later, 1, claimer)).ShouldHaveSingleItem();

    public static async Task<IReadOnlyList<string>> TextsAsync(InboxStore store, bool includeDelivered = false) =>
        [.. (await store.ListAsync(InboxPriority.Later, includeDelivered, InboxStore.MaxPage)).Items.Select(i => i.Text)];

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}
