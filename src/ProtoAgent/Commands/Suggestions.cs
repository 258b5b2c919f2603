using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;

namespace ProtoAgent.Commands;

/// <summary>What a shell offers where an id or a name is to be typed: those the running instance has.</summary>
internal static class Suggestions
{
    /// <summary>Whoever presses Tab does not wait longer than that for what may not be there.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(700);

    /// <param name="path">Of a list.</param>
    /// <param name="field">Of its items.</param>
    public static Argument<T> From<T>(this Argument<T> argument, string path, string field)
    {
        argument.CompletionSources.Add(context => Ask(context.ParseResult, path, field));
        return argument;
    }

    /// <inheritdoc cref="From{T}(Argument{T}, string, string)"/>
    public static Option<T> From<T>(this Option<T> option, string path, string field)
    {
        option.CompletionSources.Add(context => Ask(context.ParseResult, path, field));
        return option;
    }

    private static IEnumerable<CompletionItem> Ask(ParseResult parsed, string path, string field)
    {
        try
        {
            if (ChatTarget.Find(InstanceConfiguration.Load(CommandLine.Sources(parsed)), url: null) is not { } target)
            {
                return [];
            }

            using var http = target.Client();
            using var late = new CancellationTokenSource(s_patience);
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            using var answer = http.Send(request, late.Token);
            using var body = JsonDocument.Parse(answer.Content.ReadAsStream(late.Token));
            return [.. body.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(field).ToString()).Where(n => n.Length > 0).Select(n => new CompletionItem(n))];
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or KeyNotFoundException or InvalidOperationException
            or IOException or ConfigurationRefusedException or InstanceRefusedException)
        {
            // Nothing is offered; what is typed is looked at when it is run.
            return [];
        }
    }
}
