using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary>One question of a command to the running instance: what is printed, and the exit code.</summary>
internal static class InstanceCall
{
    /// <summary>For a command's help.</summary>
    public const string Codes = "Exit codes: 0 fine, 1 an error came back, 69 the instance isn't running.";

    public static Option<string?> Url() => new("--url") { Description = "Instance to talk to, when it isn't the one this directory and environment name.", Recursive = true };

    /// <summary>Finds the instance and asks it; says on stderr when there is none, or it does not answer.</summary>
    public static async Task<int> WithAsync(ParseResult parsed, Option<string?> url, Func<HttpClient, Task<int>> ask)
    {
        if (ChatTarget.Find(InstanceConfiguration.Load(CommandLine.Sources(parsed)), parsed.GetValue(url)) is not { } target)
        {
            return ExitCodes.Unavailable;
        }

        using var http = target.Client();
        try
        {
            return await ask(http);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Console.Error.WriteLine($"protoagent: {target.Name} at {http.BaseAddress} did not answer: {e.Message}");
            return ExitCodes.Unavailable;
        }
    }

    /// <summary>The body of the answer; null if it was an error, which then stands on stderr.</summary>
    public static async Task<string?> SendAsync(HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = content;
        using var reply = await http.SendAsync(request, cancellation);
        var body = await reply.Content.ReadAsStringAsync(cancellation);
        if (reply.IsSuccessStatusCode)
        {
            return body;
        }

        ChatCommand.Complain(body);
        return null;
    }

    /// <param name="show">For a person; with <c>--json</c> the answer is printed as it came.</param>
    public static Task<int> GetAsync(ParseResult parsed, Option<string?> url, string path, Action<string> show, CancellationToken cancellation) =>
        WithAsync(parsed, url, async http => await ShowAsync(parsed, await http.GetAsync(path, cancellation), show, cancellation));

    /// <inheritdoc cref="GetAsync"/>
    public static Task<int> PostAsync<T>(
        ParseResult parsed, Option<string?> url, string path, T body, JsonTypeInfo<T> type, Action<string> show, CancellationToken cancellation) =>
        WithAsync(parsed, url, async http => await ShowAsync(parsed, await http.PostAsJsonAsync(path, body, type, cancellation), show, cancellation));

    /// <inheritdoc cref="GetAsync"/>
    public static Task<int> SendAsync(ParseResult parsed, Option<string?> url, HttpMethod method, string path, Action<string> show, CancellationToken cancellation) =>
        WithAsync(parsed, url, async http =>
        {
            using var request = new HttpRequestMessage(method, path);
            return await ShowAsync(parsed, await http.SendAsync(request, cancellation), show, cancellation);
        });

    private static async Task<int> ShowAsync(ParseResult parsed, HttpResponseMessage reply, Action<string> show, CancellationToken cancellation)
    {
        using (reply)
        {
            var body = await reply.Content.ReadAsStringAsync(cancellation);
            if (!reply.IsSuccessStatusCode)
            {
                return ChatCommand.Complain(body);
            }

            if (!CommandLine.Json(parsed))
            {
                show(body);
            }
            else if (body.Length > 0)
            {
                Console.Out.WriteLine(body);
            }

            return ExitCodes.Ok;
        }
    }
}
