using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>Tells receivers what waits for them: in order for each, several beside one another, again when it fails, and not for ever.</summary>
internal sealed partial class PushDelivery : IAsyncDisposable
{
    /// <summary>Receivers that are told at once.</summary>
    private const int Concurrency = 8;

    /// <summary>Receivers in trouble that are shown.</summary>
    private const int MostShown = 20;

    /// <summary>Between the tries; then it is given up.</summary>
    private static readonly TimeSpan[] s_pauses = [.. new[] { 1, 3, 9, 27, 81 }.Select(s => TimeSpan.FromSeconds(s))];

    /// <summary>What a receiver may ask to be left alone for.</summary>
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);

    private readonly PushServices _services;
    private readonly PushSender _sender;
    private readonly SemaphoreSlim _places = new(Concurrency);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<PushTarget, string> _failing = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<PushTarget, Lane> _lanes = [];

    public PushDelivery(PushServices services)
    {
        _services = services;
        _sender = new PushSender(services.Fence, services.Time);
    }

    /// <summary>Something waits for it.</summary>
    public void Deliver(PushTarget target)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            if (_lanes.TryGetValue(target, out var lane))
            {
                lane.More = true;
                return;
            }

            lane = new Lane();
            _lanes.Add(target, lane);
            lane.Running = Task.Run(() => RunAsync(target, lane));
        }
    }

    /// <summary>It is not to be told any more.</summary>
    public void Forget(PushTarget target) => _failing.TryRemove(target, out _);

    public IEnumerable<StandingWarning> Warnings() => _failing.OrderBy(f => f.Key.ConfigId, StringComparer.Ordinal).Take(MostShown).Select(f => new StandingWarning(
        "a2a_push_failed", $"The push notification config '{f.Key.ConfigId}' of the task '{f.Key.TaskId}' is not told of it: {f.Value}", "Its owner can ask for the task instead, name another receiver, or delete the config."));

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _stopping.Cancel();
            running = [.. _lanes.Values.Select(l => l.Running)];
        }

        await Task.WhenAll(running);
        _sender.Dispose();
    }

    private async Task RunAsync(PushTarget target, Lane lane)
    {
        try
        {
            do
            {
                lane.More = false;
                await DrainAsync(target);
            }
            while (!IsOver(target, lane));
        }
        catch (OperationCanceledException)
        {
            // The instance stops: the outbox keeps what is left.
        }
        catch (Exception e)
        {
            LogBroken(_services.Logger, e is StoreException ? null : e, target.ConfigId, target.TaskId, e.Message);
            lock (_gate)
            {
                _lanes.Remove(target);
            }
        }
    }

    private bool IsOver(PushTarget target, Lane lane)
    {
        lock (_gate)
        {
            return !lane.More && _lanes.Remove(target);
        }
    }

    private async Task DrainAsync(PushTarget target)
    {
        var store = await _services.Store.GetAsync();
        while (await store.NextAsync(target, _stopping.Token) is { } work)
        {
            if (await TellAsync(store, target, work) is not { } failure)
            {
                await store.DoneAsync(work.Seq);
                _failing.TryRemove(target, out _);
                continue;
            }

            await store.GiveUpAsync(target, work.Seq);
            _failing[target] = failure;
            if (await store.FindAsync(target.TaskId, target.ConfigId, CancellationToken.None) is null)
            {
                // Deleted while it was told: nothing is wrong with what is not there.
                Forget(target);
                continue;
            }

            LogGivenUp(_services.Logger, target.ConfigId, target.TaskId, failure);
        }
    }

    /// <summary>Null when it was told, or there is nobody to tell any more; else why it is given up.</summary>
    private async Task<string?> TellAsync(A2APushStore store, PushTarget target, PushWork work)
    {
        for (var tries = 0; ; tries++)
        {
            // Looked up each time: it may have been replaced or deleted meanwhile.
            if (await store.FindAsync(target.TaskId, target.ConfigId, _stopping.Token) is not { } config)
            {
                return null;
            }

            PushAnswer answer;
            await _places.WaitAsync(_stopping.Token);
            try
            {
                answer = await _sender.SendAsync(PushConfigs.Read(config), work.Body, _stopping.Token);
            }
            finally
            {
                _places.Release();
            }

            if (answer.IsTaken)
            {
                return null;
            }

            if (!answer.MayHelp || tries == s_pauses.Length)
            {
                return answer.MayHelp ? $"{answer.Reason} It was tried {tries + 1} times." : answer.Reason;
            }

            var pause = answer.RetryAfter is { } asked && asked > s_pauses[tries] ? asked : s_pauses[tries];
            await Task.Delay(pause < s_longestPause ? pause : s_longestPause, _services.Time, _stopping.Token);
        }
    }

    private sealed class Lane
    {
        /// <summary>Something came while it was at work.</summary>
        public bool More { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(EventName = "a2a_push_given_up", Level = LogLevel.Warning, Message = "the push notification config {Config} of task {Task} is not told: {Reason}")]
    private static partial void LogGivenUp(ILogger log, string config, string task, string reason);

    [LoggerMessage(EventName = "a2a_push_broken", Level = LogLevel.Error, Message = "what waits for the push notification config {Config} of task {Task} is left until more comes or the instance starts again: {Reason}")]
    private static partial void LogBroken(ILogger log, Exception? e, string config, string task, string reason);
}
