using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Agent.Tools;

/// <summary>
/// Results too long for the model: kept whole in the workspace, where <c>read_file</c> gets at them, and cut in the middle,
/// for what matters tends to be at one of the ends.
/// </summary>
public sealed partial class ResultOverflow(Workspace workspace, ToolOptions options, TimeProvider clock, ILogger<ResultOverflow> logger)
{
    private const string Folder = ".results";
    private const double HeadShare = 0.7;
    private const int Slack = 16;
    private const int LongestReason = 200;
    private const int LongestPart = 48;
    private const int HashLength = 12;

    /// <summary>The result as the model is shown it: at most <see cref="ToolOptions.LongestResult"/> characters.</summary>
    public ToolResult Fit(ToolResult result, ToolCall call)
    {
        var text = result.Text;
        if (text.Length <= options.LongestResult)
        {
            return result;
        }

        var path = $"{Folder}/{SafePart(call.TurnId)}-{SafePart(call.CallId)}.txt";
        var failure = call.Incognito ? "It is not kept: the conversation is incognito." : Keep(path, text);

        // The note says how much is left out, which depends on how long the note is: leave it room for any numbers.
        var room = options.LongestResult - Note(text, text.Length, text.Length, path, failure).Length - Slack;
        var headEnd = SafeCut.Before(text, (int)(room * HeadShare));
        var tailStart = SafeCut.After(text, text.Length - (room - headEnd));
        return new ToolResult($"{text.AsSpan(0, headEnd)}{Note(text, headEnd, tailStart - headEnd, path, failure)}{text.AsSpan(tailStart)}");
    }

    /// <summary>Deletes what was kept longer ago than that.</summary>
    /// <returns>How many files are gone.</returns>
    public int Prune(TimeSpan olderThan)
    {
        var before = (clock.GetUtcNow() - olderThan).ToUnixTimeSeconds();
        var gone = 0;
        try
        {
            // By hand, so as not to follow a link of that name into files that are somebody's.
            using var top = workspace.OpenFolder("");
            using var kept = top?.Down(Folder);
            foreach (var entry in kept?.Entries().Where(e => e.Stat.Kind == FileKind.File && e.Stat.ModifiedSeconds < before) ?? [])
            {
                gone += kept!.Remove(entry.Name, recursive: false);
            }
        }
        catch (ToolException e)
        {
            LogNotPruned(logger, workspace.Root, e.Message);
        }

        return gone;
    }

    /// <returns>Null if it was kept; else why it wasn't.</returns>
    private string? Keep(string path, string text)
    {
        try
        {
            // A result is whatever a server sent: half a surrogate pair in it is no reason to lose the rest.
            var bytes = Encoding.UTF8.GetBytes(text);
            workspace.Replace(path, file => RandomAccess.Write(file, bytes, 0));
            return bytes.Length > Workspace.LongestFile ? $"It is in '{path}', which is too big for read_file; tell a person." : null;
        }
        catch (ToolException e)
        {
            LogNotKept(logger, path, workspace.Root, e.Message);
            return $"It could not be kept: {e.Message[..SafeCut.Before(e.Message, Math.Min(e.Message.Length, LongestReason))]}";
        }
    }

    private static string Note(string text, int headEnd, int left, string path, string? failure)
    {
        var head = text.AsSpan(0, headEnd);
        var line = head.Count('\n') + 1;
        var column = headEnd - head.LastIndexOf('\n');
        return $"\n\n[… {left:N0} of {text.Length:N0} characters are left out here. "
            + (failure ?? $"The whole is in '{path}': look in it with search_files, or go on from here with read_file, offset {line} and column {column}.")
            + " …]\n\n";
    }

    /// <summary>Part of a file's name, whatever it is made of: two ids are never one name.</summary>
    private static string SafePart(string id)
    {
        if (id.Length is > 0 and <= LongestPart && id.All(IsSafe))
        {
            return id;
        }

        var readable = string.Concat(id.Where(IsSafe).Take(LongestPart - HashLength - 1));
        return $"{readable}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(id)))[..HashLength]}";
    }

    private static bool IsSafe(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    [LoggerMessage(EventName = "result_not_kept", Level = LogLevel.Warning, Message = "a long tool result could not be kept as {Path} in {Workspace}: {Reason}")]
    private static partial void LogNotKept(ILogger logger, string path, string workspace, string reason);

    [LoggerMessage(EventName = "results_not_pruned", Level = LogLevel.Warning, Message = "old tool results in {Workspace} could not be deleted: {Reason}")]
    private static partial void LogNotPruned(ILogger logger, string workspace, string reason);
}
