using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// The sessions there are: how many, and which of them nobody uses any more. One timer, set while a session is idle and to no other
/// moment than when the first of them is over.
/// </summary>
internal sealed partial class McpSessions : IDisposable
{
    public const string Header = "Mcp-Session-Id";

    private readonly McpServices _services;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, McpSession> _sessions = new(StringComparer.Ordinal);
    private readonly ITimer _timer;
    private RequestDelegate? _end;

    public McpSessions(McpServices services)
    {
        _services = services;
        _log = services.Loggers.CreateLogger("ProtoAgent.Mcp");
        _timer = services.Time.CreateTimer(_ => EndIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What streams have sent, for who comes back to one.</summary>
    public McpStreams Streams { get; } = new();

    /// <summary>How the SDK is told that a session is over.</summary>
    public void EndsBy(RequestDelegate end) => _end = end;

    public McpSession? Find(string? id)
    {
        lock (_gate)
        {
            return id is null ? null : _sessions.GetValueOrDefault(id);
        }
    }

    /// <summary>A request of a session, or one that begins one: as long as it is answered, the session is in use.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate serve)
    {
        var id = context.Request.Headers[Header].ToString();
        var known = id.Length > 0 && Enter(id);
        using var hangUp = McpRequest.Begin(context, id, Streams);
        try
        {
            await serve(context);
        }
        catch (JsonException e) when (!context.Response.HasStarted)
        {
            // The SDK reads the parameters of 'initialize' before it answers anything. Its words would name its own types.
            throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_message",
                $"That is no message of the protocol{(e.Path is { Length: > 1 } path ? $": look at {path}" : "")}. 'initialize' needs params with protocolVersion, capabilities and clientInfo.");
        }
        finally
        {
            // One that began here was entered when it did.
            if (known || (id.Length == 0 && (id = context.Response.Headers[Header].ToString()).Length > 0))
            {
                Leave(id);
            }
        }
    }

    public async Task DeleteAsync(HttpContext context, RequestDelegate delete)
    {
        await delete(context);
        if (context.Response.StatusCode < StatusCodes.Status400BadRequest)
        {
            Remove(context.Request.Headers[Header].ToString());
        }
    }

    /// <summary>Called by the SDK for each session it makes, and for each request that has none.</summary>
    /// <exception cref="ApiException">503: every session is in use.</exception>
    public Task RunAsync(HttpContext context, McpServer server, CancellationToken closed)
    {
        if (server.SessionId is not { } id)
        {
            return server.RunAsync(closed);
        }

        var session = new McpSession(server, _services);
        string? oldest;
        lock (_gate)
        {
            oldest = _sessions.Count < _services.Limits.MaxSessions ? null
                : _sessions.Where(s => s.Value.InUse == 0).OrderBy(s => s.Value.UsedAt).Select(s => s.Key).FirstOrDefault() ?? throw new ApiException(
                    StatusCodes.Status503ServiceUnavailable, "mcp_sessions",
                    $"All {_services.Limits.MaxSessions} MCP sessions of this instance are in use. End one (DELETE {McpApi.Prefix}), or raise mcp.server.max_sessions.");
            if (oldest is not null)
            {
                _sessions.Remove(oldest);
            }

            session.InUse = 1;
            _sessions.Add(id, session);
        }

        if (oldest is not null)
        {
            LogMadeRoom(_log, _services.Limits.MaxSessions);
            _ = EndAsync(oldest);
        }

        return RunAsync(id, session, closed);
    }

    public void Dispose() => _timer.Dispose();

    private async Task RunAsync(string id, McpSession session, CancellationToken closed)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(closed, _services.Lifetime.ApplicationStopped);
        try
        {
            await session.RunAsync(stopping.Token);
        }
        finally
        {
            Remove(id);
        }
    }

    private bool Enter(string id)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(id, out var session))
            {
                return false;
            }

            session.InUse++;
            return true;
        }
    }

    private void Leave(string id)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue(id, out var session))
            {
                session.UsedAt = _services.Time.GetTimestamp();
                session.InUse--;
                SetTimer();
            }
        }
    }

    private void Remove(string id)
    {
        lock (_gate)
        {
            _sessions.Remove(id);
        }

        Streams.Forget(id);
    }

    /// <summary>Under the lock.</summary>
    private void SetTimer()
    {
        var idle = _sessions.Values.Where(s => s.InUse == 0).Select(s => _services.Limits.Idle - _services.Time.GetElapsedTime(s.UsedAt)).ToList();
        _timer.Change(idle.Count == 0 ? Timeout.InfiniteTimeSpan : idle.Min() is var first && first > TimeSpan.Zero ? first : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void EndIdle()
    {
        List<string> over;
        lock (_gate)
        {
            over = [.. _sessions.Where(s => s.Value.InUse == 0 && _services.Time.GetElapsedTime(s.Value.UsedAt) >= _services.Limits.Idle).Select(s => s.Key)];
            over.ForEach(id => _sessions.Remove(id));
            SetTimer();
        }

        foreach (var id in over)
        {
            LogIdle(_log, _services.Limits.Idle.TotalSeconds);
            _ = EndAsync(id);
        }
    }

    /// <summary>As its client would end it: the SDK has no other way in.</summary>
    private async Task EndAsync(string id)
    {
        try
        {
            var context = new DefaultHttpContext { Request = { Method = HttpMethods.Delete, Path = McpApi.Prefix } };
            context.Request.Headers[Header] = id;
            await _end!(context);
        }
        catch (Exception e)
        {
            LogEnd(_log, e);
        }
        finally
        {
            Streams.Forget(id);
        }
    }

    [LoggerMessage(EventName = "mcp_session_idle", Level = LogLevel.Debug, Message = "an MCP session nobody used for {Seconds} s is over")]
    private static partial void LogIdle(ILogger log, double seconds);

    [LoggerMessage(EventName = "mcp_session_room", Level = LogLevel.Information, Message = "there are {Most} MCP sessions (mcp.server.max_sessions): the one idle longest ended for a new one")]
    private static partial void LogMadeRoom(ILogger log, int most);

    [LoggerMessage(EventName = "mcp_session_end", Level = LogLevel.Warning, Message = "an MCP session could not be ended cleanly")]
    private static partial void LogEnd(ILogger log, Exception e);
}
