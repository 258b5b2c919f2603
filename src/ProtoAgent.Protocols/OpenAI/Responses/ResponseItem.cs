using System.Text.Json.Serialization;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>One thing that was said, called or brought. Its type says which of the fields it has.</summary>
/// <param name="Type"><c>message</c>, <c>function_call</c> or <c>function_call_output</c>.</param>
internal sealed record ResponseItem(string Id, string Type, string Status)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ResponsePart>? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CallId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Arguments { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }

    public static ResponseItem Message(string turnId, int index, string status, params IReadOnlyList<ResponsePart> content) =>
        new(ResponseIds.Item("msg", turnId, index), "message", status) { Role = "assistant", Content = content };

    public static ResponseItem Call(string turnId, int index, string status, string callId, string tool, string arguments) =>
        new(ResponseIds.Item("fc", turnId, index), "function_call", status) { CallId = callId, Name = tool, Arguments = arguments };

    /// <summary>What the agent said, and what the caller is to call. What the agent called itself is no part of the output.</summary>
    public static IReadOnlyList<ResponseItem> OutputOf(StoredTurn turn)
    {
        var items = new List<ResponseItem>();
        foreach (var step in turn.Done)
        {
            if (step is { Kind: StepKind.Assistant, Content.Text.Length: > 0 })
            {
                items.Add(Message(turn.Turn.Id, items.Count, "completed", ResponsePart.Said(step.Content.Text)));
            }
            else if (step is { Kind: StepKind.ToolCall, Content.Caller: true })
            {
                items.Add(Call(turn.Turn.Id, items.Count, "completed", step.Content.CallId!, step.Content.Tool!, step.Content.Arguments ?? ""));
            }
        }

        return items;
    }

    public static IReadOnlyList<ResponseItem> InputOf(StoredTurn turn)
    {
        var items = new List<ResponseItem>();
        foreach (var step in turn.Given)
        {
            var id = ResponseIds.Item("in", turn.Turn.Id, items.Count);
            ResponseItem? item = step.Kind switch
            {
                StepKind.User => new ResponseItem(id, "message", "completed") { Role = "user", Content = Parts(step.Content) },
                StepKind.Assistant when step.Content.Text.Length > 0 => new ResponseItem(id, "message", "completed") { Role = "assistant", Content = [ResponsePart.Said(step.Content.Text)] },
                StepKind.ToolCall => new ResponseItem(id, "function_call", "completed") { CallId = step.Content.CallId, Name = step.Content.Tool, Arguments = step.Content.Arguments },
                StepKind.ToolResult => new ResponseItem(id, "function_call_output", "completed") { CallId = step.Content.CallId, Output = step.Content.Text },
                _ => null,
            };
            if (item is not null)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private static IReadOnlyList<ResponsePart> Parts(StepContent said) =>
        [.. said.Text.Length > 0 ? [new ResponsePart("input_text") { Text = said.Text }] : Array.Empty<ResponsePart>(), .. (said.Attachments ?? []).Select(ResponsePart.Shown)];
}

/// <param name="Type"><c>input_text</c>, <c>input_image</c>, <c>input_file</c> or <c>output_text</c>.</param>
internal sealed record ResponsePart(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Of what the agent says; always empty.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Annotations { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageUrl { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Filename { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileData { get; init; }

    public static ResponsePart Said(string text) => new("output_text") { Text = text, Annotations = [] };

    public static ResponsePart Shown(Attachment attachment)
    {
        var url = attachment.Data is { } data ? $"data:{attachment.MediaType};base64,{Convert.ToBase64String(data.Span)}" : attachment.Uri?.ToString();
        return attachment.MediaType.StartsWith("image/", StringComparison.Ordinal)
            ? new ResponsePart("input_image") { ImageUrl = url, Detail = attachment.Detail ?? "auto" }
            : new ResponsePart("input_file") { Filename = attachment.Name, FileData = url };
    }
}
