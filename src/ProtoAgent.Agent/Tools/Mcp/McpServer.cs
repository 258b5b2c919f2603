using System.Text.Json;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>One server: connects in the background, connects again when it goes away, and calls it meanwhile. See README.md in this folder.</summary>
/// <param name="refusal">Why it can't be a server: it then never starts, and says so.</param>
/// <param name="changed">Called after its state or its tools became others.</param>
internal sealed partial class McpServer(
    McpServerOptions options, McpServerOrigin origin, McpHost host, ILogger log, string? refusal, Action<McpServer> changed) : IAsyncDisposable
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(5);

    /// <summary>Who was ready for so long is trusted again.</summary>
    private static readonly TimeSpan s_stable = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Standing _standing = new(
        !options.Enabled ? McpServerState.Disabled : refusal is null ? McpServerState.Connecting : McpServerState.Failed, [], refusal, null, default);
    private Task _running = Task.CompletedTask;

    public string Name => options.Name;

    public McpServerOptions Options => options;

    public McpServerOrigin Origin => origin;

    public IReadOnlyList<Tool> Tools => _standing.Tools;

    /// <summary>Ends when its tools are there, or it is known that they are not.</summary>
    public Task Settled => options.Enabled && refusal is null ? _settled.Task : Task.CompletedTask;

    public void Start()
    {
        if (options.Enabled && refusal is null)
        {
            _running = Task.Run(() => RunAsync(_stopping.Token));
        }
    }

    public McpServerStatus Status()
    {
        var now = _standing;
        var error = now.State == McpServerState.Ready && host.Time.GetElapsedTime(now.Since) >= s_stable ? null : now.LastError;
        return new McpServerStatus(Name, options.Url?.GetLeftPart(UriPartial.Path) ?? options.Command ?? "", now.State, [.. now.Tools.Select(t => t.Name)], error, origin);
    }

    /// <returns>What the tool answered, as text.</returns>
    /// <exception cref="ToolException"/>
    public async Task<string> CallAsync(string tool, IDictionary<string, JsonElement> arguments, CancellationToken cancellationToken)
    {
        var standing = _standing;
        if (standing.Connection is not { } connection)
        {
            throw new ToolException($"The MCP server '{Name}' is not there now{(standing.LastError is { } error ? $" ({error})" : "")}. Go on without it, or try again later.");
        }

        using var late = new CancellationTokenSource(options.Timeout, host.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        CallToolResult result;
        try
        {
            result = await connection.CallAsync(tool, arguments, waiting.Token);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The call of {tool} was cancelled.", e, cancellationToken);
        }
        catch (Exception e)
        {
            throw Explain(e, tool, connection, late.IsCancellationRequested);
        }

        var text = McpContent.Text(result);
        return result.IsError == true ? throw new ToolException(text) : text;
    }

    /// <summary>Stops it and waits until nothing of it is left. Safe if it was never started.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private ToolException Explain(Exception e, string tool, McpConnection connection, bool late)
    {
        if (late)
        {
            return new ToolException($"The MCP server '{Name}' did not answer within {options.Timeout.TotalSeconds} s; whether {tool} did anything is not known. Look before you call it again.", e);
        }

        if (e is McpException || e is HttpRequestException { StatusCode: not null })
        {
            return new ToolException($"The MCP server '{Name}' refused the call of {tool}: {e.Message}", e);
        }

        LogCallFailed(log, e, Name, tool);
        connection.Break($"a call found it gone: {e.GetBaseException().Message}");

        // Said before the caller can call again: who follows the connection hears of its end only a moment later.
        var standing = _standing;
        if (standing.Connection == connection
            && ReferenceEquals(Interlocked.CompareExchange(ref _standing, standing with { State = McpServerState.Restarting, Tools = [], Connection = null }, standing), standing))
        {
            changed(this);
        }

        return new ToolException($"The MCP server '{Name}' went away during the call; whether {tool} did anything is not known. Look before you call it again.", e);
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var pause = s_shortestPause;
        while (!stopping.IsCancellationRequested)
        {
            string trouble;
            var wasReady = false;
            var since = host.Time.GetTimestamp();
            try
            {
                await using var connection = await McpConnection.OpenAsync(options, host, log, stopping);
                since = host.Time.GetTimestamp();
                await TakeToolsAsync(connection, since, stopping);
                wasReady = true;
                trouble = await ServeAsync(connection, since, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (McpUnavailableException e)
            {
                trouble = e.Message;
            }
            catch (Exception e)
            {
                // Whatever a stranger's program makes of a library, its server must come back.
                LogUnexpected(log, e, Name);
                trouble = e.Message;
            }

            pause = wasReady && host.Time.GetElapsedTime(since) >= s_stable ? s_shortestPause : pause;
            LogGone(log, Name, trouble, pause.TotalSeconds);
            Become(new Standing(wasReady ? McpServerState.Restarting : McpServerState.Failed, [], trouble, null, default));
            await Task.Delay(pause, host.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }

        Become(new Standing(McpServerState.Disabled, [], null, null, default));
    }

    /// <summary>Follows its list of tools until the session is over; why it is.</summary>
    private async Task<string> ServeAsync(McpConnection connection, long since, CancellationToken stopping)
    {
        // In no way of ours is the connection kept while it is known to be gone: its tools vanish before it is tidied up.
        var ended = connection.EndedAsync();
        while (await Task.WhenAny(ended, connection.Changes.WaitToReadAsync(stopping).AsTask()) != ended)
        {
            stopping.ThrowIfCancellationRequested();
            connection.Changes.TryRead(out _);
            await TakeToolsAsync(connection, since, stopping);
        }

        Become(_standing with { State = McpServerState.Restarting, Tools = [], Connection = null });
        return await ended;
    }

    private async Task TakeToolsAsync(McpConnection connection, long since, CancellationToken stopping)
    {
        var listed = await connection.ListToolsAsync(stopping);
        var names = McpToolNames.For(Name, [.. listed.Select(t => t.Name)]);
        LogReady(log, Name, listed.Count);
        Become(new Standing(McpServerState.Ready, [.. listed.Select(t => new McpTool(this, names[t.Name], t))], _standing.LastError, connection, since));
    }

    private void Become(Standing standing)
    {
        _settled.TrySetResult();
        _standing = standing;
        changed(this);
    }

    /// <param name="Connection">While it is ready.</param>
    /// <param name="Since">A timestamp: when it was connected.</param>
    private sealed record Standing(McpServerState State, IReadOnlyList<Tool> Tools, string? LastError, McpConnection? Connection, long Since);

    [LoggerMessage(EventName = "mcp_ready", Level = LogLevel.Information, Message = "MCP server {Server} is ready with {Tools} tools")]
    private static partial void LogReady(ILogger log, string server, int tools);

    [LoggerMessage(EventName = "mcp_gone", Level = LogLevel.Warning, Message = "MCP server {Server} is not there: {Trouble}. It is tried again in {Seconds} s")]
    private static partial void LogGone(ILogger log, string server, string trouble, double seconds);

    [LoggerMessage(EventName = "mcp_call_failed", Level = LogLevel.Warning, Message = "MCP server {Server} went away during a call of {Tool}")]
    private static partial void LogCallFailed(ILogger log, Exception e, string server, string tool);

    [LoggerMessage(EventName = "mcp_unexpected", Level = LogLevel.Error, Message = "MCP server {Server} failed in an unexpected way")]
    private static partial void LogUnexpected(ILogger log, Exception e, string server);
}
