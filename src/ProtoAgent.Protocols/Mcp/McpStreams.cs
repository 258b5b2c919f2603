using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// What the streams of each session have sent, so that a client whose connection broke gets the rest (<c>Last-Event-ID</c>). In
/// memory, and bounded: what is too old is gone, and its reader is told.
/// </summary>
internal sealed class McpStreams : ISseEventStreamStore
{
    /// <summary>Messages kept of a session.</summary>
    private const int MostEvents = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, Stream>> _sessions = new(StringComparer.Ordinal);

    public ValueTask<ISseEventStreamWriter> CreateStreamAsync(SseEventStreamOptions options, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(options.SessionId, out var streams))
            {
                _sessions.Add(options.SessionId, streams = new(StringComparer.Ordinal));
            }

            Trim(streams);
            return ValueTask.FromResult<ISseEventStreamWriter>(streams[options.StreamId] = new Stream(_gate, options));
        }
    }

    public ValueTask<ISseEventStreamReader?> GetStreamReaderAsync(string lastEventId, CancellationToken cancellationToken = default)
    {
        var parts = lastEventId.Split('.');
        lock (_gate)
        {
            return ValueTask.FromResult<ISseEventStreamReader?>(
                parts is [var session, var stream, var number] && long.TryParse(number, out var seen)
                && _sessions.GetValueOrDefault(session)?.GetValueOrDefault(Decoded(stream)) is { } found && seen >= found.First - 1
                    ? new Reader(found, seen)
                    : null);
        }
    }

    /// <summary>The session is over.</summary>
    public void Forget(string sessionId)
    {
        lock (_gate)
        {
            if (_sessions.Remove(sessionId, out var streams))
            {
                foreach (var stream in streams.Values)
                {
                    stream.End();
                }
            }
        }
    }

    /// <summary>Nothing more of that stream is wanted.</summary>
    public void Forget(string sessionId, string streamId)
    {
        lock (_gate)
        {
            if (_sessions.GetValueOrDefault(sessionId) is { } streams && streams.Remove(streamId, out var stream))
            {
                stream.End();
            }
        }
    }

    /// <summary>Streams that have ended and of which nothing is kept that a client could want go first, the oldest before.</summary>
    private static void Trim(Dictionary<string, Stream> streams)
    {
        while (streams.Values.Sum(s => s.Count) > MostEvents && streams.FirstOrDefault(s => s.Value.HasEnded) is { Key: { } oldest })
        {
            streams.Remove(oldest);
        }
    }

    private static string Encoded(string streamId) => Convert.ToHexString(Encoding.UTF8.GetBytes(streamId));

    /// <summary>Of what is none of ours something no stream is called by.</summary>
    private static string Decoded(string text) =>
        text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Encoding.UTF8.GetString(Convert.FromHexString(text)) : "";

    private sealed class Stream(Lock gate, SseEventStreamOptions options) : ISseEventStreamWriter
    {
        private readonly Queue<(long Number, SseItem<JsonRpcMessage?> Item)> _kept = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _last;

        public string SessionId => options.SessionId;

        public string StreamId => options.StreamId;

        public bool HasEnded { get; private set; }

        /// <summary>It is the client's to come back for the rest.</summary>
        public bool IsPolled { get; private set; } = options.Mode == SseEventStreamMode.Polling;

        public int Count => _kept.Count;

        /// <summary>The first number that is kept.</summary>
        public long First => _last - _kept.Count + 1;

        public ValueTask SetModeAsync(SseEventStreamMode mode, CancellationToken cancellationToken = default)
        {
            IsPolled = mode == SseEventStreamMode.Polling;
            return ValueTask.CompletedTask;
        }

        public ValueTask<SseItem<JsonRpcMessage?>> WriteEventAsync(SseItem<JsonRpcMessage?> sseItem, CancellationToken cancellationToken = default)
        {
            if (sseItem.EventId is not null)
            {
                return ValueTask.FromResult(sseItem);
            }

            lock (gate)
            {
                var numbered = new SseItem<JsonRpcMessage?>(sseItem.Data, sseItem.EventType)
                {
                    EventId = $"{SessionId}.{Encoded(StreamId)}.{++_last}", ReconnectionInterval = sseItem.ReconnectionInterval,
                };
                if (_kept.Count == MostEvents)
                {
                    _kept.Dequeue();
                }

                _kept.Enqueue((_last, numbered));
                Wake();
                return ValueTask.FromResult(numbered);
            }
        }

        /// <summary>Nothing more is written; what there is can be read for as long as the session lives.</summary>
        public ValueTask DisposeAsync()
        {
            lock (gate)
            {
                End();
            }

            return ValueTask.CompletedTask;
        }

        public void End()
        {
            HasEnded = true;
            Wake();
        }

        public (IReadOnlyList<(long Number, SseItem<JsonRpcMessage?> Item)> Items, Task More, bool IsOver) Behind(long seen)
        {
            lock (gate)
            {
                return ([.. _kept.Where(k => k.Number > seen)], _more.Task, HasEnded || IsPolled);
            }
        }

        private void Wake()
        {
            var woken = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            woken.SetResult();
        }
    }

    private sealed class Reader(Stream stream, long seen) : ISseEventStreamReader
    {
        public string SessionId => stream.SessionId;

        public string StreamId => stream.StreamId;

        public async IAsyncEnumerable<SseItem<JsonRpcMessage?>> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var behind = seen;
            while (true)
            {
                var (items, more, isOver) = stream.Behind(behind);
                foreach (var (number, item) in items)
                {
                    behind = number;

                    // What only opens a stream says nothing to who reads on.
                    if (item.Data is not null)
                    {
                        yield return item;
                    }
                }

                if (isOver)
                {
                    yield break;
                }

                await more.WaitAsync(cancellationToken);
            }
        }
    }
}
