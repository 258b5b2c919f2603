using System.Text.Json;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>A turn as a response.</summary>
internal static class ResponseShape
{
    /// <summary>The reason of one that waits for a person; its answer comes to the same id.</summary>
    public const string Waits = "turn_waiting";

    public static ResponseObject Of(StoredTurn stored)
    {
        var (turn, request) = (stored.Turn, stored.Request);
        var (status, reason) = Status(stored);
        return new ResponseObject(
            ResponseIds.Of(turn.Id),
            "response",
            turn.StartedAt.ToUnixTimeSeconds(),
            status,
            request.Background,
            status == "failed" ? new ResponseError(turn.ErrorCode ?? "interrupted", turn.ErrorMessage ?? "The instance stopped before this response was complete. Ask again.") : null,
            reason is null ? null : new IncompleteDetails(reason),
            request.Instructions,
            request.MaxOutputTokens,
            turn.Model,
            ResponseItem.OutputOf(stored),
            request.Wishes?.ParallelCalls ?? true,
            request.Follows is { } before ? ResponseIds.Of(before) : null,
            new ResponseReasoning(request.Wishes?.Effort),
            !request.Incognito,
            request.Temperature,
            new ResponseText(Format(request)),
            Choice(request),
            [.. (request.CallerTools ?? []).Select(t => new ResponseTool("function", t.Name, t.Description, t.Schema, t.Strict))],
            request.TopP,
            "disabled",
            turn is { InputTokens: { } input, OutputTokens: { } output }
                ? new ResponseUsage(input, new InputTokensDetails(0), output, new OutputTokensDetails(0), input + output) : null,
            request.Metadata ?? new Dictionary<string, string>(),
            turn.ThreadId);
    }

    private static (string Status, string? Reason) Status(StoredTurn stored) => stored.Turn.Status switch
    {
        TurnStatus.Running => ("in_progress", null),

        // Who runs in the background is asked again until it is over; who was waited for has been told that it will take a person.
        TurnStatus.Waiting => stored.Request.Background ? ("in_progress", null) : ("incomplete", Waits),
        TurnStatus.Done => stored.Done.LastOrDefault(s => s.Kind == StepKind.Assistant)?.Content.FinishReason switch
        {
            "length" => ("incomplete", "max_output_tokens"),
            "content_filter" => ("incomplete", "content_filter"),
            _ => ("completed", null),
        },
        TurnStatus.Cancelled => ("cancelled", null),
        _ => ("failed", null),
    };

    private static ResponseFormat Format(TurnRequest request) => request.Wishes?.Format switch
    {
        null => new ResponseFormat("text"),
        { Schema: null } => new ResponseFormat("json_object"),
        var format => new ResponseFormat("json_schema") { Name = format.Name, Description = format.Description, Schema = format.Schema, Strict = format.Strict },
    };

    private static JsonElement Choice(TurnRequest request) => request.Wishes?.ToolChoice switch
    {
        null => JsonSerializer.SerializeToElement("auto", OpenAIJson.Default.String),
        "none" or "required" => JsonSerializer.SerializeToElement(request.Wishes.ToolChoice, OpenAIJson.Default.String),
        var name => JsonSerializer.SerializeToElement(new ChosenTool("function", name), OpenAIJson.Default.ChosenTool),
    };

    internal sealed record ChosenTool(string Type, string Name);
}
