using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

/// <summary>
/// One turn as it runs: what is in its thread by now, then each step as it is written, and between them the model's words as it
/// says them, from the first of those that are no step yet. A step's id is its number, so a reader that comes back goes on behind the last it has.
/// </summary>
internal sealed class TurnEventEndpoints(ICheckpointStore checkpoints, TurnFeed feed, string process, TimeProvider time)
{
    /// <summary>The first look back for a turn's beginning; those after it are longer.</summary>
    private const int Glance = 64;

    public static void Map(IEndpointRouteBuilder routes, ICheckpointStore checkpoints, TurnFeed feed, string process, TimeProvider time) =>
        routes.MapGet("/api/chat/turns/{id}/events", (RequestDelegate)new TurnEventEndpoints(checkpoints, feed, process, time).FollowAsync)
            .Describe("A turn as it runs, as server-sent events: its steps, the words between them, its end.")
            .Answers(StatusCodes.Status200OK, TurnEventJson.Default.Frame, "text/event-stream")
            .With(ApiParameter.Header("Last-Event-ID", "Go on behind this step."), ApiParameter.Text("last_event_id", "The same, for who can't send it."));

    private async Task FollowAsync(HttpContext context)
    {
        var (id, seen) = ((string)context.GetRouteValue("id")!, EventEndpoints.LastSeen(context));

        // Before the first look: what happens from here on is not missed.
        using var follower = feed.Follow(id);
        var turn = await FindAsync(id, context.RequestAborted);
        if (turn.Status == TurnStatus.Running && turn.Runner != process)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict, "turn_elsewhere", $"The turn '{id}' runs in another process ({turn.Runner}) of this root. Follow it there; GET /api/instances shows its port.");
        }

        var reader = new Reader(context, checkpoints, turn, seen ?? await BeforeAsync(turn, context.RequestAborted));
        await reader.BeginAsync();
        while (true)
        {
            await reader.CatchUpAsync();
            turn = await FindAsync(id, context.RequestAborted);
            if (turn.FinishedAt is not null)
            {
                // What was written between the last look and the end.
                await reader.CatchUpAsync();
                await reader.SayAsync(new Frame("end") { Turn = ChatEndpoints.Turn.Of(turn) });
                return;
            }

            await reader.TakeBackAsync();
            if (turn.Status == TurnStatus.Waiting)
            {
                await reader.SayAsync(new Frame("waiting") { Turn = ChatEndpoints.Turn.Of(turn) });
            }

            if (!await ListenAsync(reader, follower))
            {
                await reader.SayAsync(new Frame(follower.Dropped ? "dropped" : "stopping"));
                return;
            }
        }
    }

    /// <summary>Until there is something in the thread; words are passed on meanwhile. False when nothing more will be heard.</summary>
    private async Task<bool> ListenAsync(Reader reader, TurnFollower follower)
    {
        while (await reader.MoreAsync(follower.Events, time))
        {
            while (follower.Events.TryRead(out var happened))
            {
                switch (happened)
                {
                    case TurnEvent.Delta said:
                        await reader.SpeakAsync(new Frame("delta") { Text = said.Text });
                        break;
                    case TurnEvent.Thought thought:
                        await reader.SpeakAsync(new Frame("thought") { Text = thought.Text });
                        break;
                    default:
                        // Words behind it stand behind its step too.
                        return true;
                }
            }
        }

        return false;
    }

    private async Task<TurnInfo> FindAsync(string id, CancellationToken cancelled) => await checkpoints.GetTurnAsync(id, cancelled)
        ?? throw new ApiException(StatusCodes.Status404NotFound, "turn_not_found", $"There is no turn '{id}' here.");

    /// <summary>The step before the turn's first. A turn's steps stand together, near the end as a rule.</summary>
    private async Task<long> BeforeAsync(TurnInfo turn, CancellationToken cancelled)
    {
        var head = (await checkpoints.GetThreadAsync(turn.ThreadId, cancelled))?.Head ?? 0;
        var (first, end) = (head + 1, head);
        for (var length = (long)Glance; end > 0; length = Math.Min(length * 2, CheckpointStore.MaxPage))
        {
            var start = Math.Max(0, end - length);
            var steps = await checkpoints.ReadStepsAsync(turn.ThreadId, start, (int)(end - start), cancelled);
            if (steps.FirstOrDefault(s => s.TurnId == turn.Id) is { } found)
            {
                first = found.Seq;
            }

            if (steps.Count == 0 || steps[0].At < turn.StartedAt)
            {
                break;
            }

            end = start;
        }

        return first - 1;
    }

    /// <summary>What one reader has.</summary>
    private sealed class Reader(HttpContext context, ICheckpointStore checkpoints, TurnInfo turn, long seen)
    {
        private readonly EventStream _stream = new(context);
        private long _seen = seen;

        /// <summary>Words were passed on, and no step has come that stands for them.</summary>
        private bool _spoken;

        public Task BeginAsync()
        {
            _stream.Begin();
            return _stream.KeepAliveAsync();
        }

        public Task<bool> MoreAsync(System.Threading.Channels.ChannelReader<TurnEvent?> events, TimeProvider time) => _stream.MoreAsync(events, time);

        public Task SayAsync(Frame frame) => _stream.SendAsync(frame, TurnEventJson.Default.Frame);

        public Task SpeakAsync(Frame words)
        {
            _spoken = true;
            return SayAsync(words);
        }

        /// <summary>Something else has happened: words without a step behind them were passed on after it, or came to nothing.</summary>
        public async Task TakeBackAsync()
        {
            if (_spoken)
            {
                _spoken = false;
                await SayAsync(new Frame("reset"));
            }
        }

        public async Task CatchUpAsync()
        {
            while (await checkpoints.ReadStepsAsync(turn.ThreadId, _seen, CheckpointStore.MaxPage, context.RequestAborted) is { Count: > 0 } steps)
            {
                foreach (var step in steps)
                {
                    if (step.TurnId == turn.Id)
                    {
                        var frame = new Frame("step") { Step = SessionEndpoints.Message.Of(step) };
                        await _stream.SendAsync(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(frame, TurnEventJson.Default.Frame), step.Seq);
                        _spoken = false;
                    }

                    _seen = step.Seq;
                }
            }
        }
    }

    /// <param name="Type"><c>step</c>, <c>delta</c>, <c>thought</c>, <c>reset</c> (forget the words since the last step),
    /// <c>waiting</c>, <c>end</c>, <c>dropped</c> or <c>stopping</c>.</param>
    internal sealed record Frame(string Type)
    {
        /// <summary>Stands for the deltas since the step before it.</summary>
        public SessionEndpoints.Message? Step { get; init; }

        public string? Text { get; init; }

        public ChatEndpoints.Turn? Turn { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(TurnEventEndpoints.Frame))]
internal sealed partial class TurnEventJson : JsonSerializerContext;
