using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ProtoAgent.Tests;

/// <summary>What was logged, in words.</summary>
internal sealed class LogList : ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = [];

    /// <summary>Until a line that begins so has been logged.</summary>
    public async Task UntilAsync(string beginning)
    {
        while (!Lines.Any(l => l.Text.StartsWith(beginning, StringComparison.Ordinal)))
        {
            await Task.Yield();
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}".TrimEnd()));
}
