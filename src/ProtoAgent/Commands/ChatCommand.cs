using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent chat</c>: talks to the running instance, and only to a running one.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        var message = new Argument<string?>("message")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "What to say. Without it: from stdin, or line by line on a terminal.",
        };
        var session = new Option<string?>("--session") { Description = "Thread to go on with; a fresh one by default.", HelpName = "id" }.From("/api/chat/sessions?limit=100", "id");
        var url = new Option<string?>("--url") { Description = "Instance to talk to, when it isn't the one this directory and environment name." };
        var incognito = new Option<bool>("--incognito") { Description = "Read nothing of what is remembered and leave nothing behind; the conversation goes soon after its last message." };
        var command = new Command(
            "chat", "Talk to the running instance. Which one: PROTOAGENT_INSTANCE and the rest, as for serve.\nExit codes: 0 answered, 1 an error came back, 69 it isn't running.")
        {
            message, session, incognito, url,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var target = ChatTarget.Find(InstanceConfiguration.Load(CommandLine.Sources(parsed)), parsed.GetValue(url));
            if (target is not { } found)
            {
                return ExitCodes.Unavailable;
            }

            using var http = found.Client();
            var thread = parsed.GetValue(session);

            // https://no-color.org: whatever it is set to.
            var plain = CommandLine.Sources(parsed).Environment.ContainsKey("NO_COLOR");
            if (parsed.GetValue(message) is { } given)
            {
                return await SayAsync(given);
            }

            if (Console.IsInputRedirected)
            {
                return await SayAsync(await Console.In.ReadToEndAsync(cancellation));
            }

            Console.Error.WriteLine($"Talking to {found.Name}. /help shows what else it takes; an empty line ends.");
            var answer = ExitCodes.Ok;
            while (Terminal.Ask("> ") is { Length: > 0 } line)
            {
                answer = await SayAsync(line);
            }

            return answer;

            async Task<int> SayAsync(string text)
            {
                try
                {
                    var secret = parsed.GetValue(incognito) ? true : (bool?)null;
                    var (code, continued) = CommandLine.Json(parsed) ? await WholeAsync(http, text, thread, secret, cancellation)
                        : Console.IsOutputRedirected ? await StreamAsync(http, text, thread, secret, cancellation)
                        : await new ChatScreen(http, plain).SayAsync(text, thread, parsed.GetValue(incognito), cancellation);
                    thread = continued ?? thread;
                    return code;
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    Console.Error.WriteLine($"protoagent: {found.Name} at {http.BaseAddress} did not answer: {e.Message}");
                    return ExitCodes.Unavailable;
                }
            }
        });
        return command;
    }

    private static async Task<(int Code, string? Thread)> WholeAsync(HttpClient http, string text, string? thread, bool? incognito, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync("/api/chat", new WholeRequest(text, thread, incognito), CommandJson.Default.WholeRequest, cancellation);
        Console.Out.WriteLine(await answer.Content.ReadAsStringAsync(cancellation));
        return (answer.IsSuccessStatusCode ? ExitCodes.Ok : ExitCodes.Problems, null);
    }

    private static async Task<(int Code, string? Thread)> StreamAsync(HttpClient http, string text, string? thread, bool? incognito, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.Content = JsonContent.Create(new StreamRequest([new("user", text)], Stream: true, incognito), CommandJson.Default.StreamRequest);
        if (thread is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Session-Id", thread);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            return (Complain(await answer.Content.ReadAsStringAsync(cancellation)), null);
        }

        var continued = answer.Headers.TryGetValues("X-Session-Id", out var ids) ? ids.First() : thread;
        var done = false;
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellation)).EnumerateAsync(cancellation))
        {
            if (item.Data == "[DONE]")
            {
                done = true;
                break;
            }

            var chunk = JsonSerializer.Deserialize(item.Data, CommandJson.Default.StreamChunk);
            if (chunk?.Error is not null)
            {
                Console.Out.WriteLine();
                return (Complain(item.Data), continued);
            }

            Console.Out.Write(chunk?.Choices is [{ Delta.Content: { } piece }, ..] ? piece : "");
        }

        Console.Out.WriteLine();
        if (!done)
        {
            Console.Error.WriteLine("protoagent: the answer was cut off: the instance closed the connection. What it wrote is in the thread.");
            return (ExitCodes.Problems, continued);
        }

        if (thread is null)
        {
            Console.Error.WriteLine($"(go on with: --session {continued})");
        }

        return (ExitCodes.Ok, continued);
    }

    /// <summary>An error of the instance, on stderr.</summary>
    public static int Complain(string body)
    {
        var failure = body.StartsWith('{') ? JsonSerializer.Deserialize(body, CommandJson.Default.Failure) : null;
        Console.Error.WriteLine($"protoagent: {failure?.Error?.Message ?? failure?.Detail ?? body}");
        return ExitCodes.Problems;
    }

    internal sealed record WholeRequest(string Message, string? SessionId, bool? Incognito);

    internal sealed record StreamRequest(IReadOnlyList<StreamMessage> Messages, bool Stream, bool? Incognito);

    internal sealed record StreamMessage(string Role, string Content);

    internal sealed record StreamChunk(IReadOnlyList<StreamChoice>? Choices, FailureBody? Error);

    internal sealed record StreamChoice(StreamDelta? Delta);

    internal sealed record StreamDelta(string? Content);

    /// <summary>An error in OpenAI's shape (<c>error.message</c>) or a problem (<c>detail</c>).</summary>
    internal sealed record Failure(FailureBody? Error, string? Detail);

    internal sealed record FailureBody(string? Message);
}
