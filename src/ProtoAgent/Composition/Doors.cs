using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.OpenAI;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>Every surface of the instance, on one pipeline.</summary>
internal static class Doors
{
    public static void Map(
        WebApplication app, InstanceConfiguration configuration, bool loopback, TlsCertificate? certificate, RunningInstance instance, ICheckpointStore checkpoints, AgentParts agent, TimeProvider time)
    {
        var settings = configuration.Settings;
        var tickets = new EventTickets(time);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ProtoAgent.Http");
        app.UseProtoAgentHttp(
            new HttpOptions
            {
                Token = settings.Auth.Token,
                FederationToken = settings.Auth.FederationToken,
                Tickets = tickets,
                Hosts = loopback || settings.Server.AllowHosts.Count > 0 ? [.. settings.Server.AllowHosts, .. settings.Server.PublicUrl is { } url ? [url.Host] : Array.Empty<string>()] : null,
                AnyAddress = !loopback,
                OwnOrigins = settings.Server.PublicUrl is { } own ? [own.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)] : [],
                AllowOrigins = settings.Server.AllowOrigins,
                TrustedProxies = settings.Server.TrustedProxies,
                MaxStreams = settings.Server.MaxStreams,
                Hsts = settings.Server.Tls?.Hsts,
                Time = time,
                Refused = new RefusedTokens(agent.Audit, log).Tell,
                ErrorShapes = new Dictionary<string, Func<Microsoft.AspNetCore.Http.HttpContext, ApiException, Task>> { [OpenAIApi.Prefix] = OpenAIApi.WriteErrorAsync },
            },
            log);
        app.UseRouting();
        app.MapOperator(new OperatorServices(
            instance, checkpoints, agent.Models, agent.Turns, agent.Mcp, () => agent.Telemetry, () => [.. configuration.Warnings, .. instance.Warnings(), .. certificate?.Warnings() ?? [], .. agent.Warnings()], time,
            [.. configuration.Entries.Select(e => new ConfigField(e.Key, e.Value, e.Layer.ToString().ToLowerInvariant(), e.Origin, e.Default, e.Doc, e.Secret))])
        {
            Scheduler = agent.Scheduler, Inbox = agent.Inbox, Activity = agent.Activity, Events = agent.Events, Feed = agent.Feed, Tickets = tickets,
            Skills = new(agent.Skills.Catalog, agent.Skills.Files),
            Workflows = agent.Workflows.Runner,
            Knowledge = new(agent.Knowledge.Service, agent.Knowledge.Ingests, agent.Knowledge.Web),
            Memory = new(agent.Memory.Sessions, agent.Memory.Facts, agent.Memory.Injections, agent.Knowledge.Service),
            Fleet = agent.Fleet,
        });
        app.MapOpenAI(new OpenAIServices(configuration.Paths.AgentName.Value, agent.Models, agent.Turns, instance.Record.StartedAt, time));
        ApiDocumentEndpoint.Map(app, "ProtoAgent", Product.Version);
    }
}
