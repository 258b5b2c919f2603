using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>A response as it comes: each thing it says or calls is begun, told in pieces, and done, in the order of its output.</summary>
internal sealed class ResponseStream(HttpContext context, TurnHandle turn, TimeProvider time)
{
    private readonly string _turnId = turn.TurnId;
    private readonly EventStream _events = new(context);
    private readonly StringBuilder _text = new();
    private int _number;
    private int _index;
    private bool _saying;

    /// <summary>What goes out is a stream by now, and no status of its own any more.</summary>
    public bool HasBegun { get; private set; }

    public IAsyncEnumerable<TurnEvent> ReadAsync() => _events.ReadAsync(turn.Events, time);

    public async Task BeginAsync(ResponseObject response)
    {
        HasBegun = true;
        _events.Begin();
        await SendAsync(new ResponseEvent("response.created", _number) { Response = response });
        await SendAsync(new ResponseEvent("response.in_progress", _number) { Response = response });
    }

    public async Task SayAsync(string text)
    {
        if (!_saying)
        {
            _saying = true;
            await SendAsync(new ResponseEvent("response.output_item.added", _number) { OutputIndex = _index, Item = ResponseItem.Message(_turnId, _index, "in_progress") });
            await SendAsync(new ResponseEvent("response.content_part.added", _number) { ItemId = Message, OutputIndex = _index, ContentIndex = 0, Part = ResponsePart.Said("") });
        }

        _text.Append(text);
        await SendAsync(new ResponseEvent("response.output_text.delta", _number) { ItemId = Message, OutputIndex = _index, ContentIndex = 0, Delta = text, Logprobs = [] });
    }

    /// <summary>What was being said is said. Does nothing if nothing was.</summary>
    public async Task SaidAsync()
    {
        if (!_saying)
        {
            return;
        }

        var part = ResponsePart.Said(_text.ToString());
        await SendAsync(new ResponseEvent("response.output_text.done", _number) { ItemId = Message, OutputIndex = _index, ContentIndex = 0, Text = part.Text, Logprobs = [] });
        await SendAsync(new ResponseEvent("response.content_part.done", _number) { ItemId = Message, OutputIndex = _index, ContentIndex = 0, Part = part });
        await SendAsync(new ResponseEvent("response.output_item.done", _number) { OutputIndex = _index, Item = ResponseItem.Message(_turnId, _index, "completed", part) });
        _index++;
        _saying = false;
        _text.Clear();
    }

    public async Task CallAsync(CallerCall call)
    {
        var item = ResponseItem.Call(_turnId, _index, "completed", call.CallId, call.Tool, call.Arguments);
        await SendAsync(new ResponseEvent("response.output_item.added", _number) { OutputIndex = _index, Item = item with { Status = "in_progress", Arguments = "" } });
        await SendAsync(new ResponseEvent("response.function_call_arguments.delta", _number) { ItemId = item.Id, OutputIndex = _index, Delta = call.Arguments });
        await SendAsync(new ResponseEvent("response.function_call_arguments.done", _number) { ItemId = item.Id, OutputIndex = _index, Name = call.Tool, Arguments = call.Arguments });
        await SendAsync(new ResponseEvent("response.output_item.done", _number) { OutputIndex = _index, Item = item });
        _index++;
    }

    /// <summary>The last event, named by how the response stands.</summary>
    public async Task EndAsync(ResponseObject response) => await SendAsync(new ResponseEvent(
        response.Status switch
        {
            "completed" => "response.completed",
            "failed" or "cancelled" => "response.failed",
            _ => "response.incomplete",
        },
        _number) { Response = response });

    private string Message => ResponseIds.Item("msg", _turnId, _index);

    private Task SendAsync(ResponseEvent happened)
    {
        _number++;
        return _events.SendAsync(JsonSerializer.SerializeToUtf8Bytes(happened, OpenAIJson.Default.ResponseEvent), name: happened.Type);
    }
}
