using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;
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
        WebApplication app, InstanceConfiguration configuration, bool loopback, RunningInstance instance, ICheckpointStore checkpoints, AgentParts agent, TimeProvider time)
    {
        var settings = configuration.Settings;
        var tickets = new EventTickets(time);
        app.UseProtoAgentHttp(
            new HttpOptions
            {
                Token = settings.Auth.Token,
                FederationToken = settings.Auth.FederationToken,
                Tickets = tickets,
                Hosts = loopback ? [.. settings.Server.PublicUrl is { } url ? [url.Host] : Array.Empty<string>()] : null,
                ErrorShapes = new Dictionary<string, Func<Microsoft.AspNetCore.Http.HttpContext, ApiException, Task>> 
                {
                    [OpenAIApi.Prefix] = OpenAIApi.WriteErrorAsync, [McpApi.Prefix] = McpApi.WriteErrorAsync,
                },
            },
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ProtoAgent.Http"));
        app.UseRouting();
        app.MapOperator(new OperatorServices(
            instance, checkpoints, agent.Models, agent.Turns, agent.Mcp, () => agent.Telemetry, () => [.. configuration.Warnings, .. instance.Warnings(), .. agent.Warnings()], time,
            [.. configuration.Entries.Select(e => new ConfigField(e.Key, e.Value, e.Layer.ToString().ToLowerInvariant(), e.Origin, e.Default, e.Doc, e.Secret))])
        {
            Scheduler = agent.Scheduler, Inbox = agent.Inbox, Activity = agent.Activity, Events = agent.Events, Feed = agent.Feed, Tickets = tickets,
            Skills = new(agent.Skills.Catalog, agent.Skills.Files),
            Workflows = agent.Workflows.Runner,
            Knowledge = new(agent.Knowledge.Service, agent.Knowledge.Ingests, agent.Knowledge.Web),
            Memory = new(agent.Memory.Sessions, agent.Memory.Facts, agent.Memory.Injections, agent.Knowledge.Service),
        });
        app.MapOpenAI(new OpenAIServices(configuration.Paths.AgentName.Value, agent.Models, agent.Turns, instance.Record.StartedAt, time));
        app.MapMcpServer(new McpServices(configuration.Paths.AgentName.Value, Product.Version, agent.Turns, checkpoints, agent.Events, time, app.Services.GetRequiredService<ILoggerFactory>(), app.Lifetime)
        {
            Desk = agent.Scheduler.Desk, Inbox = agent.Inbox, Skills = agent.Skills.Catalog, Workflows = agent.Workflows.Runner, Knowledge = agent.Knowledge.Service,
            Limits = settings.Mcp,
        });
        ApiDocumentEndpoint.Map(app, "ProtoAgent", Product.Version);
    }
}
