using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ProtoAgent.Composition;

/// <summary>
/// The console log: one line an event, <c>key=value</c> (logfmt). Line breaks inside a value are escaped, so that no
/// value can forge a line.
/// </summary>
internal sealed class LogfmtFormatter(string instance, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "logfmt";

    private static readonly SearchValues<char> s_needsQuotes = SearchValues.Create(" \"=\\\t\r\n");

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder(160);
        line.Append("time=").Append(Time(time.GetUtcNow()));
        line.Append(" level=").Append(Level(logEntry.LogLevel));
        Append(line, "instance", instance);
        var dot = logEntry.Category.LastIndexOf('.');
        Append(line, "source", logEntry.Category[(dot + 1)..]);
        // An event of ours is its values; anything else is told in its own words.
        if (logEntry.EventId.Name is { Length: > 0 } name && logEntry.Category.StartsWith("ProtoAgent", StringComparison.Ordinal)
            && logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            Append(line, "event", name);
            foreach (var (key, value) in values)
            {
                if (key != "{OriginalFormat}")
                {
                    Append(line, JsonNamingPolicy.SnakeCaseLower.ConvertName(key), value is DateTimeOffset at ? Time(at) : value?.ToString() ?? "");
                }
            }
        }
        else
        {
            Append(line, "msg", logEntry.Formatter(logEntry.State, logEntry.Exception));
        }

        if (logEntry.Exception is { } error)
        {
            Append(line, "error", error.ToString());
        }

        textWriter.Write(line.Append('\n'));
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static void Append(StringBuilder line, string key, string value)
    {
        line.Append(' ').Append(key).Append('=');
        if (value.Length > 0 && !value.AsSpan().ContainsAny(s_needsQuotes) && !value.Any(char.IsControl))
        {
            line.Append(value);
            return;
        }

        line.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when char.IsControl(c) => line.Append($"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        line.Append('"');
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
