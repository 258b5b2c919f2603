using System.Globalization;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Tools.Knowledge;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>
/// Puts what is remembered before a conversation: hot facts, what is known that fits the message, the last sessions. Once a turn:
/// its later model calls are told the same. Found by words alone, for a vector is a call to another server, and a turn does
/// not wait for one to be told what it did not ask for.
/// </summary>
public sealed partial class MemoryContext(
    SessionMemory sessions, KnowledgeService knowledge, InjectionLog log, MemoryOptions options, TimeProvider time, ILogger<MemoryContext> logger) : IContextProvider
{
    private const string NoNamespace = "-";
    private const int LongestHit = 700;

    /// <summary>Of a message's words. Three find what it is about, in a fifth of the time eight take.</summary>
    private const int RarestWords = 3;
    private const int LongestSession = 300;
    private const int MostTurns = 1_000;

    /// <summary>A file that is opened for the first time, or is in trouble, holds a turn up no longer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string?> _turns = new(StringComparer.Ordinal);

    public int Order => 50;

    public async ValueTask<string?> ProvideAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        if (request.Incognito || !options.Enabled || options.InjectTokens == 0)
        {
            return null;
        }

        lock (_gate)
        {
            if (_turns.TryGetValue(request.TurnId, out var told))
            {
                return told;
            }
        }

        var envelope = new Envelope(options.InjectTokens);
        var (hot, hits) = await KnownAsync(request.Message, cancellationToken);
        envelope.Add("Always to be known:", options.HotTokens, HotFacts.Longest + 100, hot.Select(c => (HotLine(c), Item("hot", c))));
        envelope.Add("Known, and maybe about this message (memory_recall looks up more):", options.HitTokens, LongestHit, hits.Select(c => (KnowledgeTools.Line(c, LongestHit), Item("hit", c))));
        envelope.Add(
            "The last conversations, the latest first: id · end · where · how it began · messages (recall_session reads one):", options.DigestTokens, LongestSession,
            Latest(request.ThreadId).Select(s => (Line(s), new InjectedItem("session", s.SessionId))));
        var text = envelope.Close();
        lock (_gate)
        {
            // A turn another process ended is never heard of again.
            if (_turns.Count >= MostTurns)
            {
                _turns.Clear();
            }

            _turns[request.TurnId] = text;
        }

        if (text is not null)
        {
            log.Record(new Injection(request.TurnId, request.ThreadId, time.GetUtcNow(), text.Length, envelope.Items));
        }

        return text;
    }

    /// <summary>Of a turn that has ended.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        lock (_gate)
        {
            _turns.Remove(turn.TurnId);
        }
    }

    private async Task<(IReadOnlyList<Chunk> Hot, IReadOnlyList<Chunk> Hits)> KnownAsync(string message, CancellationToken cancellationToken)
    {
        if (!knowledge.IsThere)
        {
            return ([], []);
        }

        try
        {
            var store = await knowledge.StoreAsync().WaitAsync(s_patience, time, cancellationToken);
            var hot = await knowledge.HotAsync(options.InjectFloor, cancellationToken);
            return (hot, await HitsAsync(store, new MessageWords(message), cancellationToken));
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            LogWithout(logger, e is TimeoutException ? "it is still being opened" : e.Message);
            return ([], []);
        }
    }

    private async Task<IReadOnlyList<Chunk>> HitsAsync(KnowledgeStore store, MessageWords words, CancellationToken cancellationToken)
    {
        if (options.Hits == 0 || words.Query.Length == 0)
        {
            return [];
        }

        // More than are told, for hot ones are told already and not every match is about the message.
        var found = new List<ChunkHit>();
        IEnumerable<string?> all = [null];
        var namespaces = options.InjectNamespaces.Count == 0 ? all : options.InjectNamespaces.Select(n => n == NoNamespace ? "" : n).Distinct(StringComparer.Ordinal);
        foreach (var @namespace in namespaces)
        {
            found.AddRange(await store.FindRarestWordsAsync(words.Query, RarestWords, new ChunkFilter(@namespace, Floor: options.InjectFloor), options.Hits * 2, cancellationToken));
        }

        return
        [
            .. found.OrderByDescending(h => h.Score).Select(h => h.Chunk)
                .Where(c => c.Domain != HotFacts.Domain && words.AreIn($"{c.Heading} {c.Content}"))
                .DistinctBy(c => (c.Heading, c.Content)).Take(options.Hits),
        ];
    }

    private IReadOnlyList<SessionHead> Latest(string except)
    {
        try
        {
            return sessions.Digest.Latest(except);
        }
        catch (StoreException e)
        {
            LogWithout(logger, e.Message);
            return [];
        }
    }

    private static string HotLine(Chunk c) => $"#{c.Id} ({KnowledgeNames.Of(c.Trust)}, {c.UpdatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}) {(c.Heading.Length > 0 ? c.Heading + ": " : "")}{c.Content}";

    private static string Line(SessionHead s) =>
        string.Create(CultureInfo.InvariantCulture, $"{s.SessionId} · {s.At.UtcDateTime:yyyy-MM-dd HH:mm}Z · {s.Surface} · “{s.Topic}” · {s.Messages}");

    private static InjectedItem Item(string kind, Chunk chunk) => new(kind, chunk.Id.ToString(CultureInfo.InvariantCulture), KnowledgeNames.Of(chunk.Trust));

    [LoggerMessage(EventName = "memory_left_out", Level = LogLevel.Warning, Message = "a turn goes on without part of what is remembered: {Reason}")]
    private static partial void LogWithout(ILogger log, string reason);
}
