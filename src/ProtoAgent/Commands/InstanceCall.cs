using System.CommandLine;
using ProtoAgent.Configuration;

namespace ProtoAgent.Commands;

/// <summary>Asks the running instance something over its API, and says on stderr what went wrong.</summary>
internal static class InstanceCall
{
    public static Option<string?> Url() => new("--url")
    {
        Description = "Instance to talk to, when it isn't the one this directory and environment name.", Recursive = true,
    };

    /// <returns>What <paramref name="ask"/> answers; <see cref="ExitCodes.Unavailable"/> if there is nobody to ask.</returns>
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
}
