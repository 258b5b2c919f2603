using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// What happens to turns, on the bus: topics <c>turn.…</c>. Not what the model says, piece by piece: whoever wants that follows the
/// turn (<see cref="TurnFeed"/>). Of an incognito turn no word is told.
/// </summary>
public sealed class TurnNews(EventBus bus)
{
    private const int LongestText = 200;

    private readonly ApprovalEvents _approvals = new(bus);

    public void Happened(NewTurn turn, TurnEvent happened)
    {
        var news = new TurnHappened(turn.TurnId, turn.ThreadId);
        switch (happened)
        {
            case TurnEvent.Started started:
                Tell("started", news with { Origin = turn.Origin, Model = started.Model });
                break;
            case TurnEvent.ToolStarted call:
                Tell("tool_started", news with { CallId = call.CallId, Tool = call.Tool });
                break;
            case TurnEvent.ToolEnded call:
                Tell("tool_ended", news with { CallId = call.CallId, Tool = call.Tool, Status = call.Status });
                break;
            case TurnEvent.Steered:
                Tell("steered", news);
                break;
            case TurnEvent.FellBack fell:
                Tell("fell_back", news with { Model = fell.To, From = fell.From, Code = fell.Code });
                break;
            case TurnEvent.Summarised:
                Tell("summarised", news);
                break;
            case TurnEvent.Parked parked:
                Tell("parked", news with { Approvals = parked.Approvals.Count });
                var isSecret = IsSecret(turn);
                foreach (var asked in parked.Approvals)
                {
                    _approvals.Requested(new ApprovalRequested(asked.Id, StoredNames.Of(asked.Kind), turn.ThreadId, turn.TurnId, asked.Tool, isSecret ? null : Short(asked.Question)));
                }

                break;
            default:
                // Pieces of an answer; and ends, which are told once they are written.
                break;
        }
    }

    public void Ended(TurnEnded turn) => Tell(StoredNames.Of(turn.Status), new TurnHappened(turn.TurnId, turn.ThreadId)
    {
        Origin = turn.Origin, Code = turn.Code, Message = turn.Incognito || turn.Status == TurnStatus.Done ? null : Short(turn.Text),
    });

    public void Decided(Approval approval) => _approvals.Decided(new ApprovalDecided(
        approval.Id, StoredNames.Of(approval.Kind), approval.ThreadId, approval.TurnId, approval.Tool, StoredNames.Of(approval.Decision!.Value)));

    /// <summary>A subagent's thread does not say it, what was asked of it does.</summary>
    private static bool IsSecret(NewTurn turn) =>
        ThreadIds.IsIncognito(turn.ThreadId) || JsonSerializer.Deserialize(turn.Request, TurnNewsJson.Default.Privacy)?.Incognito == true;

    private static string? Short(string? text) => text is null || text.Length <= LongestText ? text : text[..Tools.SafeCut.Before(text, LongestText)];

    private void Tell(string what, TurnHappened news) => bus.Publish($"turn.{what}", news, TurnNewsJson.Default.TurnHappened);

    internal sealed record Privacy(bool? Incognito);

    internal sealed record TurnHappened(string TurnId, string SessionId)
    {
        public string? Origin { get; init; }

        public string? Model { get; init; }

        public string? From { get; init; }

        public string? CallId { get; init; }

        public string? Tool { get; init; }

        public string? Status { get; init; }

        public int? Approvals { get; init; }

        public string? Code { get; init; }

        public string? Message { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TurnNews.TurnHappened))]
[JsonSerializable(typeof(TurnNews.Privacy))]
internal sealed partial class TurnNewsJson : JsonSerializerContext;
