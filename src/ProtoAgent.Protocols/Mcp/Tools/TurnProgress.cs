using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Turns;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary>What a turn does, told to who waits for it: as progress where that was asked for, and as log messages from the level up the client set.</summary>
internal sealed class TurnProgress(RequestContext<CallToolRequestParams> request, TurnHandle turn, TimeProvider time)
{
    /// <summary>Pieces of an answer come by the hundred a second; a bar needs no more than this.</summary>
    private static readonly TimeSpan s_pieces = TimeSpan.FromMilliseconds(250);

    private float _count;
    private long _characters;
    private long _told;

    public async Task TellAsync(TurnEvent happened, CancellationToken cancelled)
    {
        if (cancelled.IsCancellationRequested)
        {
            return;
        }

        try
        {
            switch (happened)
            {
                case TurnEvent.Started started:
                    await StepAsync($"The turn began ({started.Model}).", cancelled);
                    await LogAsync(LoggingLevel.Debug, "turn.began", [new("model", started.Model)], cancelled);
                    break;
                case TurnEvent.Delta piece:
                    _characters += piece.Text.Length;
                    if (_told == 0 || time.GetElapsedTime(_told) >= s_pieces)
                    {
                        await StepAsync($"Answering: {_characters} characters.", cancelled);
                    }

                    break;
                case TurnEvent.ToolStarted call:
                    await StepAsync($"Calling {call.Tool}.", cancelled);
                    await LogAsync(LoggingLevel.Info, "turn.tool_began", [new("tool", call.Tool)], cancelled);
                    break;
                case TurnEvent.ToolEnded call:
                    await StepAsync($"{call.Tool}: {call.Status}.", cancelled);
                    await LogAsync(call.Status == "ok" ? LoggingLevel.Info : LoggingLevel.Warning, "turn.tool_over", [new("tool", call.Tool), new("status", call.Status)], cancelled);
                    break;
                case TurnEvent.FellBack fell:
                    await StepAsync($"{fell.From} failed; asking {fell.To}.", cancelled);
                    await LogAsync(LoggingLevel.Warning, "turn.fell_back", [new("from", fell.From), new("to", fell.To), new("code", fell.Code)], cancelled);
                    break;
                case TurnEvent.Parked:
                    await StepAsync("Waiting for a person.", cancelled);
                    break;
                case TurnEvent.Failed failed:
                    await LogAsync(LoggingLevel.Error, "turn.failed", [new("code", failed.Code), new("message", failed.Message)], cancelled);
                    break;
                default:
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException or ObjectDisposedException)
        {
            // Nobody listens any more; the turn is in the thread all the same.
        }
    }

    private async Task StepAsync(string message, CancellationToken cancelled)
    {
        if (request.Params.ProgressToken is { } token)
        {
            _told = time.GetTimestamp();
            await request.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = ++_count, Message = message }, cancellationToken: cancelled);
        }
    }

    private Task LogAsync(LoggingLevel level, string topic, IEnumerable<KeyValuePair<string, JsonNode?>> data, CancellationToken cancelled) =>
        McpLog.TellAsync(request.Server, level, topic, new JsonObject([new("session_id", turn.ThreadId), new("turn_id", turn.TurnId), .. data]), cancelled);
}
