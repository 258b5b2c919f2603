using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ProtoAgent.Commands;

/// <summary>The knowledge's answers to a command: read for a person, as they came with <c>--json</c>.</summary>
internal static class KnowledgeCall
{
    public static Task<int> ShowAsync<T>(HttpClient http, ParseResult parsed, string path, JsonTypeInfo<T> type, Action<T> show, CancellationToken cancellation) =>
        SendAsync(http.GetAsync(path, cancellation), parsed, type, show, cancellation);

    public static Task<int> SendAsync(Task<HttpResponseMessage> sending, ParseResult parsed, Action show, CancellationToken cancellation) => AnswerAsync(
        sending,
        body =>
        {
            if (!CommandLine.Json(parsed))
            {
                show();
            }
            else if (body.Length > 0)
            {
                Console.Out.WriteLine(body);
            }
        },
        cancellation);

    public static Task<int> SendAsync<T>(Task<HttpResponseMessage> sending, ParseResult parsed, JsonTypeInfo<T> type, Action<T> show, CancellationToken cancellation) => AnswerAsync(
        sending,
        body =>
        {
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(body);
            }
            else
            {
                show(JsonSerializer.Deserialize(body, type)!);
            }
        },
        cancellation);

    private static async Task<int> AnswerAsync(Task<HttpResponseMessage> sending, Action<string> show, CancellationToken cancellation)
    {
        using var answer = await sending;
        var body = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            return ChatCommand.Complain(body);
        }

        show(body);
        return ExitCodes.Ok;
    }
}
