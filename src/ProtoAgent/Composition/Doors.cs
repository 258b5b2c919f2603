using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.A2A;
using ProtoAgent.Protocols.Console;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Mcp;
using ProtoAgent.Protocols.OpenAI;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>Every surface of the instance, on one pipeline.</summary>
internal static class Doors
{
    public static void Map(
        WebApplication app, InstanceConfiguration configuration, bool loopback, TlsCertificate? certificate, RunningInstance instance, CheckpointStore checkpoints, AgentParts agent, TimeProvider time,
        Action<McpServerOptions>? extendMcp)
    {
        var settings = configuration.Settings;
        var tickets = new EventTickets(time);
        var live = new LiveConfiguration(configuration, agent.Models, agent.KnowSecrets, time);
        instance.AlsoWarn(() => [.. configuration.Warnings, .. certificate?.Warnings() ?? [], .. agent.Warnings(), .. live.Warnings()]);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ProtoAgent.Http");
        app.UseProtoAgentHttp(
            new HttpOptions
            {
                Token = settings.Auth.Token,
                FederationToken = settings.Auth.FederationToken,
                Tickets = tickets,
                Public = ConsoleApi.PublicPaths,
                Hosts = loopback || settings.Server.AllowHosts.Count > 0 ? [.. settings.Server.AllowHosts, .. settings.Server.PublicUrl is { } url ? [url.Host] : Array.Empty<string>()] : null,
                AnyAddress = !loopback,
                OwnOrigins = settings.Server.PublicUrl is { } own ? [own.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)] : [],
                AllowOrigins = settings.Server.AllowOrigins,
                TrustedProxies = settings.Server.TrustedProxies,
                MaxStreams = settings.Server.MaxStreams,
                Hsts = settings.Server.Tls?.Hsts,
                Time = time,
                Refused = new RefusedTokens(agent.Audit, log).Tell,
                ErrorShapes = new Dictionary<string, Func<Microsoft.AspNetCore.Http.HttpContext, ApiException, Task>> { [OpenAIApi.Prefix] = OpenAIApi.WriteErrorAsync, [McpApi.Prefix] = McpApi.WriteErrorAsync, [A2AServer.Prefix] = A2AServer.WriteErrorAsync },
            },
            log);
        app.UseRouting();
        app.MapOperator(new OperatorServices(
            instance, checkpoints, agent.Models, agent.Turns, agent.Mcp, () => agent.Telemetry, time, live.Door)
        {
            Scheduler = agent.Scheduler, Inbox = agent.Inbox, Activity = agent.Activity, Events = agent.Events, Feed = agent.Feed, Tickets = tickets,
            Skills = new(agent.Skills.Catalog, agent.Skills.Files),
            Workflows = agent.Workflows.Runner,
            Knowledge = new(agent.Knowledge.Service, agent.Knowledge.Ingests, agent.Knowledge.Web),
            Memory = new(agent.Memory.Sessions, agent.Memory.Facts, agent.Memory.Injections, agent.Knowledge.Service),
            Fleet = agent.Fleet,
        });
        app.MapConsole();
        app.MapOpenAI(new OpenAIServices(configuration.Paths.AgentName.Value, agent.Models, agent.Turns, checkpoints, instance.Record.StartedAt, time)
        {
            Embeddings = agent.Knowledge.Service.Embeddings, MaxAttachmentBytes = settings.Agent.Turns.MaxAttachmentBytes,
        });
        agent.A2A.Server.Map(app);
        app.MapMcpServer(new McpServices(
            configuration.Paths.AgentName.Value, Product.Version, agent.Turns, checkpoints, agent.Events, time, app.Services.GetRequiredService<ILoggerFactory>(), app.Lifetime)
        {
            Desk = agent.Scheduler.Desk, Inbox = agent.Inbox, Skills = agent.Skills.Catalog, Workflows = agent.Workflows.Runner, Knowledge = agent.Knowledge.Service, Limits = settings.McpSessions,
            Extend = extendMcp ?? (_ => { }),
        });
        var metrics = new MetricsDoor(app.Services, instance.Record, () => new InstanceGauges(agent, checkpoints, instance.Warnings, instance.Record.StartedAt, time));
        metrics.Map(app);
        app.Lifetime.ApplicationStopped.Register(metrics.Dispose);
        ApiDocumentEndpoint.Map(app, "ProtoAgent", Product.Version);
    }
}
