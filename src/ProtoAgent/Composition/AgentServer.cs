using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ModelContextProtocol.Server;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>
/// One running instance, put together in the one order that is safe: configuration → refusals → port → root → stores →
/// turns → doors. Everything before the root is claimed writes nothing.
/// </summary>
internal sealed partial class AgentServer : IAsyncDisposable
{
    /// <summary>What Kestrel gets to close its connections once the turns have ended.</summary>
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(2);

    private readonly InstanceConfiguration _configuration;
    private readonly WebApplication _app;
    private readonly CheckpointStore _checkpoints;
    private readonly AgentParts _agent;
    private readonly WarningsWatch _warnings;
    private readonly ILogger _log;

    private AgentServer(
        InstanceConfiguration configuration, RunningInstance instance, WebApplication app, CheckpointStore checkpoints, AgentParts agent, WarningsWatch warnings, ILogger log)
    {
        _configuration = configuration;
        Instance = instance;
        _app = app;
        _checkpoints = checkpoints;
        _agent = agent;
        _warnings = warnings;
        _log = log;
    }

    public RunningInstance Instance { get; }

    /// <param name="extendMcp">What the MCP server has besides; for tests.</param>
    public static async Task<AgentServer> StartAsync(InstanceConfiguration configuration, CancellationToken cancellation, Action<McpServerOptions>? extendMcp = null)
    {
        var time = TimeProvider.System;
        var server = configuration.Settings.Server;
        RunningInstance.Check(configuration.Paths);
        ScheduleParts.RefuseIfOwned(configuration);
        var certificate = server.Tls is { } tls ? new TlsCertificate(tls, time) : null;
        if (!server.CoreDumps)
        {
            CoreDumps.Forbid();
        }

        var socket = Listener.Listen(server.Host, server.Port, new InstanceRegistry(configuration.Paths.Registry));
        RunningInstance? instance = null;
        CheckpointStore? checkpoints = null;
        AgentParts? agent = null;
        OwnerLease? lease = null;
        WebApplication? app = null;
        try
        {
            instance = RunningInstance.Claim(configuration.Paths, new ProcessFacts(Listener.UrlOf(socket, certificate is not null), Listener.PortOf(socket), Product.Version), time);
            lease = ScheduleParts.TakeIfExclusive(configuration, instance);
            app = WebHost.Build(configuration, socket, instance, certificate, time);
            var loggers = app.Services.GetRequiredService<ILoggerFactory>();
            var log = loggers.CreateLogger<AgentServer>();
            foreach (var warning in configuration.Warnings.Concat(instance.Warnings()))
            {
                LogStanding(log, warning.Code, warning.Message, warning.Remedy);
            }

            checkpoints = await CheckpointStore.OpenAsync(configuration.Paths, instance.Registry.IsLive, time, loggers.CreateLogger<CheckpointStore>());
            agent = await AgentParts.OpenAsync(configuration, checkpoints, instance, time, loggers, app.Lifetime.ApplicationStopping);
            foreach (var warning in agent.Warnings())
            {
                LogStanding(log, warning.Code, warning.Message, warning.Remedy);
            }

            Doors.Map(app, configuration, Listener.IsLoopback(socket), certificate, instance, checkpoints, agent, time, extendMcp);
            await agent.Turns.ResumeAsync(cancellation);
            await app.StartAsync(cancellation);
            agent.Start(lease);
            new InstanceEvents(agent.Events).Started(instance.Record);
            LogServing(log, instance.Record.Url, configuration.Paths.Root, configuration.Identity.Origin, agent.Models.Options.Provider, agent.Models.Default);
            return new AgentServer(configuration, instance, app, checkpoints, agent, new WarningsWatch(instance, time, log), log);
        }
        catch
        {
            socket.Dispose();
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (agent is not null)
            {
                await agent.DisposeAsync();
            }

            if (checkpoints is not null)
            {
                await checkpoints.DisposeAsync();
            }

            lease?.Dispose();
            instance?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Serves until a signal, then ends within <c>server.shutdown_seconds</c> and a little: turns that run get that long to
    /// finish while their callers still listen, new ones are refused.
    /// </summary>
    public async Task WaitForStopAsync()
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _app.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
        await stopping.Task;
        new InstanceEvents(_agent.Events).Stopping(Instance.Record);
        _agent.Scheduler.StopFiring();
        _agent.Workflows.Runner.Stop();
        var ended = _agent.Turns.StopAsync(_configuration.Settings.Server.Shutdown);
        LogStopping(_log, _configuration.Settings.Server.Shutdown.TotalSeconds);
        await ended;

        // Whoever listens has heard of the last turn's end; waiting for more would hold the stop up.
        _agent.Events.Close();
        _agent.Feed.Close();
        _agent.A2A.Server.Close();
        using var closing = new CancellationTokenSource(s_closing);
        await _app.StopAsync(closing.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _warnings.DisposeAsync();
        await _app.DisposeAsync();
        await _agent.DisposeAsync();
        await _checkpoints.DisposeAsync();
        Instance.Dispose();
    }

    [LoggerMessage(EventName = "serving", Level = LogLevel.Information, Message = "serving at {Url}, data in {Root} ({Origin}), model {Provider} {Model}")]
    private static partial void LogServing(ILogger log, string url, string root, string origin, string provider, string model);

    [LoggerMessage(EventName = "stopping", Level = LogLevel.Information, Message = "stopping: turns that run have {Seconds} s to finish")]
    private static partial void LogStopping(ILogger log, double seconds);

    [LoggerMessage(EventName = "warning", Level = LogLevel.Warning, Message = "{Problem} {Remedy} [{Code}]")]
    private static partial void LogStanding(ILogger log, string code, string problem, string remedy);
}
