using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Commands;

/// <summary>
/// A conversation on a terminal: the answer as it comes, with its Markdown; tools as they are called; what waits for a person asked here.
/// The turn is the instance's and not this command's: a connection that breaks is made again, and Ctrl-C ends the turn.
/// </summary>
internal sealed class ChatScreen(HttpClient http, bool plain)
{
    private const int Tries = 20;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly TerminalMarkdown _text = new(Terminal.Out, () => Math.Max(20, Console.WindowWidth));

    /// <summary>Of what is shown plain: the last line has no end yet.</summary>
    private bool _open;

    /// <summary>Says it and shows the turn to its end; the exit code, and the thread it is on.</summary>
    public async Task<(int Code, string? Thread)> SayAsync(string message, string? thread, bool incognito, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync("/api/chat", new Request(message, thread, incognito ? true : null, Detach: true), ChatScreenJson.Default.Request, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            return (ChatCommand.Complain(await answer.Content.ReadAsStringAsync(cancellation)), thread);
        }

        var begun = (await answer.Content.ReadFromJsonAsync(ChatScreenJson.Default.Begun, cancellation))!;
        using var interrupted = new CancellationTokenSource();
        ConsoleCancelEventHandler cancel = (_, pressed) =>
        {
            // Once ends the turn, and the conversation goes on; a second time leaves.
            pressed.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        };
        Console.CancelKeyPress += cancel;
        try
        {
            return (await FollowAsync(begun, interrupted.Token, cancellation), begun.SessionId);
        }
        finally
        {
            Console.CancelKeyPress -= cancel;
        }
    }

    private async Task<int> FollowAsync(Begun turn, CancellationToken interrupted, CancellationToken cancellation)
    {
        await using var stop = interrupted.Register(() => _ = StopAsync(turn.SessionId));
        var state = new State();
        for (var tries = 0; tries < Tries; tries++)
        {
            try
            {
                if (await ReadAsync(turn, state, cancellation) is { } code)
                {
                    return code;
                }

                tries = 0;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Note(tries == 0 ? "the connection broke; the turn goes on, trying to follow it again" : null);
            }

            await Task.Delay(s_pause, cancellation);
        }

        Console.Error.WriteLine($"protoagent: {http.BaseAddress} does not answer any more. What the agent did is in the thread {turn.SessionId}.");
        return ExitCodes.Unavailable;
    }

    /// <summary>One stream of the turn; its end as an exit code, or null when the stream ended before the turn did.</summary>
    private async Task<int?> ReadAsync(Begun turn, State state, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/chat/turns/{turn.TurnId}/events");
        if (state.Last is { } last)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.Unauthorized)
        {
            return ChatCommand.Complain(await answer.Content.ReadAsStringAsync(cancellation));
        }

        answer.EnsureSuccessStatusCode();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
        {
            state.Last = item.EventId is { Length: > 0 } id ? id : state.Last;
            var frame = JsonSerializer.Deserialize(item.Data, ChatScreenJson.Default.Frame)!;
            switch (frame.Type)
            {
                case "delta":
                    state.Streamed = true;
                    Show(frame.Text!);
                    break;
                case "reset":
                    // What was said came to nothing, or was said behind the step that stands for it.
                    Finish();
                    state.Streamed = false;
                    break;
                case "step":
                    Step(frame.Step!, state);
                    break;
                case "waiting":
                    await AskAsync(turn, cancellation);
                    break;
                case "end":
                    Finish();
                    return Ended(frame.Turn!);
                default:
                    // The words between steps, a reader that was too slow, an instance that stops: the stream says nothing more, or ends.
                    break;
            }
        }

        Finish();
        return null;
    }

    private void Step(Said step, State state)
    {
        switch (step.Role)
        {
            case "assistant":
                // Words that were missed while the connection was away, or never streamed.
                if (!state.Streamed && step.Text is { Length: > 0 } text)
                {
                    Show(text);
                }

                Finish();
                state.Streamed = false;
                break;
            case "tool_call":
                Finish();
                Note($"{step.Tool} {Short(step.Arguments)}");
                break;
            case "tool_result" when step.Status is not (null or "ok"):
                Note($"{step.Tool}: {step.Status}: {Short(step.Text)}");
                break;
            default:
                break;
        }
    }

    private async Task AskAsync(Begun turn, CancellationToken cancellation)
    {
        Finish();
        var open = (await http.GetFromJsonAsync("/api/approvals", ChatScreenJson.Default.Open, cancellation))!;
        foreach (var asked in open.Items.Where(a => a.TurnId == turn.TurnId))
        {
            var isQuestion = asked.Kind == "question";
            var prompt = isQuestion ? $"? {asked.Question}\n  answer: " : $"? {asked.Tool} {Short(asked.Arguments)}\n  allow it? [y/N, or why not]: ";
            var said = Terminal.Ask(prompt)?.Trim() ?? "";
            var yes = isQuestion || said.Equals("y", StringComparison.OrdinalIgnoreCase) || said.Equals("yes", StringComparison.OrdinalIgnoreCase);
            var why = isQuestion ? said : yes || said.Length == 0 || said.Equals("n", StringComparison.OrdinalIgnoreCase) ? null : said;
            using var decided = await http.PostAsJsonAsync($"/api/approvals/{asked.Id}", new ApprovalsCommand.DecideRequest(yes ? "approve" : "deny", why), CommandJson.Default.DecideRequest, cancellation);
            if (!decided.IsSuccessStatusCode)
            {
                ChatCommand.Complain(await decided.Content.ReadAsStringAsync(cancellation));
            }
        }
    }

    private static int Ended(Turn turn)
    {
        if (turn.Status == "done")
        {
            return ExitCodes.Ok;
        }

        Console.Error.WriteLine($"protoagent: the turn ended {turn.Status}{(turn.Error is { } e ? $": {e.Message}" : "")}");
        return ExitCodes.Problems;
    }

    private async Task StopAsync(string session)
    {
        Note("ending the turn (Ctrl-C once more leaves it to itself)");
        try
        {
            using var answer = await http.PostAsync($"/api/chat/sessions/{Uri.EscapeDataString(session)}/cancel", null);
        }
        catch (HttpRequestException)
        {
            // Whoever follows the turn says that nobody answers.
        }
    }

    private void Show(string text)
    {
        if (plain)
        {
            var shown = Terminal.Clean(text);
            Console.Out.Write(shown);
            _open = shown.Length > 0 ? !shown.EndsWith('\n') : _open;
        }
        else
        {
            _text.Write(text);
        }
    }

    private void Finish()
    {
        if (!plain)
        {
            _text.End();
        }
        else if (_open)
        {
            Console.Out.WriteLine();
            _open = false;
        }
    }

    private void Note(string? text)
    {
        if (text is not null)
        {
            Terminal.Error.WriteLine(plain || Console.IsErrorRedirected ? $"· {Terminal.Clean(text)}" : $"\u001b[2m· {Terminal.Clean(text)}\u001b[0m");
        }
    }

    private static string Short(string? text)
    {
        var line = string.Concat((text ?? "").Where(c => !char.IsControl(c)));
        return line.Length > 100 ? line[..99] + "…" : line;
    }

    private sealed class State
    {
        public string? Last { get; set; }

        /// <summary>The words of the coming step were shown as they came.</summary>
        public bool Streamed { get; set; }
    }

    internal sealed record Request(string Message, string? SessionId, bool? Incognito, bool Detach);

    internal sealed record Begun(string SessionId, string TurnId);

    internal sealed record Frame(string Type, Said? Step, string? Text, Turn? Turn);

    internal sealed record Said(string Role, string? Text, string? Tool, string? Arguments, string? Status);

    internal sealed record Turn(string Status, TurnError? Error);

    internal sealed record TurnError(string Code, string Message);

    internal sealed record Open(IReadOnlyList<Asked> Items);

    internal sealed record Asked(string Id, string Kind, string TurnId, string Tool, string Arguments, string? Question);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ChatScreen.Request))]
[JsonSerializable(typeof(ChatScreen.Begun))]
[JsonSerializable(typeof(ChatScreen.Frame))]
[JsonSerializable(typeof(ChatScreen.Open))]
internal sealed partial class ChatScreenJson : JsonSerializerContext;
