using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ProtocolTool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>One session with a server, from the first message to its end. It is never repaired: a new one takes its place.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    /// <summary>
    /// The last revision that begins with <c>initialize</c>, which every server knows today. To ask first whether it knows a later
    /// one would end some that wait for <c>initialize</c> alone, and cost seconds with those that keep silent.
    /// </summary>
    private const string Handshake = "2025-11-25";

    /// <summary>The first revision that sends no notification nobody asked for.</summary>
    private const string AsksForNotifications = "2026-07-28";

    /// <summary>To start, and to say what tools there are. Programs that are fetched by their runner need long the first time.</summary>
    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource<string> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private readonly McpHost _host;
    private McpProcess? _process;
    private HttpClient? _http;
    private McpClient? _client;
    private Task _listening = Task.CompletedTask;

    private McpConnection(McpHost host) => _host = host;

    /// <summary>Something to read whenever the server has said that its tools are others now.</summary>
    public ChannelReader<bool> Changes => _changes.Reader;

    /// <exception cref="McpUnavailableException">It can't be reached, or speaks otherwise; says how.</exception>
    public static async Task<McpConnection> OpenAsync(McpServerOptions server, McpHost host, ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(server, host, log, Handshake, cancellationToken);
        }
        catch (McpUnavailableException e) when (e.InnerException is McpException or HttpRequestException { StatusCode: HttpStatusCode.BadRequest })
        {
            // It answered, and does not know this handshake: let the two find out what both know.
            return await OpenAsync(server, host, log, null, cancellationToken);
        }
    }

    private static async Task<McpConnection> OpenAsync(McpServerOptions server, McpHost host, ILogger log, string? revision, CancellationToken cancellationToken)
    {
        var connection = new McpConnection(host);
        using var late = new CancellationTokenSource(s_connecting, host.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await connection.ConnectAsync(server, log, revision, waiting.Token);
            return connection;
        }
        catch (Exception e)
        {
            var reason = late.IsCancellationRequested ? $"it was not ready within {s_connecting.TotalSeconds} s" : await connection.ReasonAsync(e);
            await connection.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new McpUnavailableException(reason, e);
        }
    }

    /// <summary>Until the session is over; why it is.</summary>
    public async Task<string> EndedAsync()
    {
        var ended = await Task.WhenAny(_process is null ? _broken.Task : _process.Exited, _client!.Completion, _broken.Task);
        return _process is not null ? await ReasonAsync(null)
            : ended == _broken.Task ? await _broken.Task
            : "the server ended the session";
    }

    /// <summary>Ends the session: a call has shown that nobody is there any more.</summary>
    public void Break(string reason) => _broken.TrySetResult(reason);

    /// <exception cref="McpUnavailableException">It can't say.</exception>
    public async Task<IReadOnlyList<ProtocolTool>> ListToolsAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(s_connecting, _host.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return _client!.ServerCapabilities.Tools is null ? [] : [.. (await _client.ListToolsAsync(cancellationToken: waiting.Token)).Select(t => t.ProtocolTool).DistinctBy(t => t.Name)];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new McpUnavailableException(late.IsCancellationRequested ? "it did not list its tools in time" : $"it can't list its tools: {await ReasonAsync(e)}", e);
        }
    }

    public ValueTask<CallToolResult> CallAsync(string tool, IDictionary<string, JsonElement> arguments, CancellationToken cancellationToken) =>
        _client!.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = arguments }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_client is not null)
        {
            try
            {
                // Wall time: it says goodbye to a real peer, which may not answer.
                await _client.DisposeAsync().AsTask().WaitAsync(s_closing);
            }
            catch (Exception e) when (e is TimeoutException or IOException or HttpRequestException or McpException)
            {
                // There is no session left to lose.
            }
        }

        _http?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await _listening;
        _closing.Dispose();
    }

    private async Task ConnectAsync(McpServerOptions server, ILogger log, string? revision, CancellationToken cancellationToken)
    {
        IClientTransport transport;
        if (server.Url is null)
        {
            _process = McpProcess.Start(server, _host, log);
            transport = _process.Transport;
        }
        else
        {
            _http = McpHttp.Create();
            transport = new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = server.Url, Name = server.Name, TransportMode = HttpTransportMode.StreamableHttp,
                    AdditionalHeaders = server.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.OrdinalIgnoreCase),
                },
                _http);
        }

        _client = await McpClient.CreateAsync(transport, Options(revision), loggerFactory: null, cancellationToken);
        if (string.CompareOrdinal(_client.NegotiatedProtocolVersion, AsksForNotifications) >= 0 && _client.ServerCapabilities.Tools?.ListChanged == true)
        {
            _listening = ListenAsync(_client);
        }
    }

    private McpClientOptions Options(string? revision) => new()
    {
        ClientInfo = new Implementation { Name = "protoagent", Version = _host.Version },
        ProtocolVersion = revision,
        InitializationTimeout = s_connecting,
        Handlers = new McpClientHandlers
        {
            NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, (_, _) => { _changes.Writer.TryWrite(true); return default; })],
        },
    };

    /// <summary>The request stays open for as long as the session; what it asked for comes as notifications.</summary>
    private async Task ListenAsync(McpClient client)
    {
        try
        {
            var wanted = new JsonObject { ["notifications"] = new JsonObject { ["toolsListChanged"] = true } };
            await client.SendRequestAsync(new JsonRpcRequest { Method = RequestMethods.SubscriptionsListen, Params = wanted }, _closing.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or McpException or ObjectDisposedException)
        {
            // The session is over, or the server does not tell: its tools are then those it had when it was connected.
        }
    }

    /// <summary>What a person can do something with: how the program ended says more than that its pipe is closed.</summary>
    private async Task<string> ReasonAsync(Exception? e)
    {
        if (_process is not null && e is null or IOException)
        {
            await Task.WhenAny(_process.Exited, Task.Delay(s_closing, CancellationToken.None));
            return _process.Exited.IsCompleted ? await _process.LastWordsAsync() : $"the program closed its output{(e is null ? "" : $": {e.Message}")}";
        }

        return e is HttpRequestException { StatusCode: { } status } ? $"it answered {(int)status} {status}" : e?.GetBaseException().Message ?? "it went away";
    }
}

/// <summary>There is no session with the server. The message continues "the MCP server …: ".</summary>
internal sealed class McpUnavailableException(string message, Exception inner) : Exception(message, inner);
