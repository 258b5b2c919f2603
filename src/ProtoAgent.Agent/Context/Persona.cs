using Microsoft.Extensions.Logging;

namespace ProtoAgent.Agent.Context;

/// <summary>Who the agent is: <c>SOUL.md</c> in the instance's folder, read again when it changes; else a few words of ours.</summary>
/// <param name="path">Of the file, which need not exist.</param>
public sealed partial class Persona(string path, string agentName, ILogger logger) : IContextProvider
{
    /// <summary>More of it is cut, and said so in the log.</summary>
    public const int Longest = 32_000;

    private (DateTime Written, long Length, string Text)? _read;

    public int Order => 0;

    public ValueTask<string?> ProvideAsync(ContextRequest request, CancellationToken cancellationToken) => ValueTask.FromResult<string?>(Read() ?? Default());

    private string Default() =>
        $"You are {agentName}, an agent that works for the person who runs you. Be direct and accurate. Use your tools when they help, and say so when you do not know.";

    private string? Read()
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            if (_read is { } read && read.Written == file.LastWriteTimeUtc && read.Length == file.Length)
            {
                return read.Text;
            }

            var text = File.ReadAllText(path).Trim();
            if (text.Length > Longest)
            {
                LogCut(logger, path, text.Length, Longest);
                text = ContextWindow.Shorten(text, Longest);
            }

            _read = (file.LastWriteTimeUtc, file.Length, text);
            return text.Length > 0 ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(logger, path, e.Message);
            return _read?.Text;
        }
    }

    [LoggerMessage(EventName = "persona_cut", Level = LogLevel.Warning, Message = "{Path} has {Length} characters; the model is told {Longest} of them")]
    private static partial void LogCut(ILogger log, string path, int length, int longest);

    [LoggerMessage(EventName = "persona_unreadable", Level = LogLevel.Warning, Message = "{Path} can't be read: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string path, string reason);
}
