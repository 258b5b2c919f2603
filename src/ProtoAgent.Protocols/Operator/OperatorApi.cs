using Microsoft.AspNetCore.Routing;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The operator API: what the console, the command line and scripts use.</summary>
public static class OperatorApi
{
    public static void MapOperator(this IEndpointRouteBuilder routes, OperatorServices services)
    {
        HealthEndpoints.Map(routes, services);
        StatusEndpoints.Map(routes, services);
        ConfigEndpoints.Map(routes, services.Configuration, services.Events);
        ModelSetupEndpoints.Map(routes, services.Configuration);
        ChatEndpoints.Map(routes, services);
        TurnEventEndpoints.Map(routes, services.Checkpoints, services.Feed, services.Instance.Record.ProcessId, services.Time);
        SessionEndpoints.Map(routes, services);
        ApprovalEndpoints.Map(routes, services);
        ToolEndpoints.Map(routes, services);
        McpEndpoints.Map(routes, services.Mcp);
        JobEndpoints.Map(routes, services.Scheduler.Desk, services.Time);
        InboxEndpoints.Map(routes, services.Inbox);
        ActivityEndpoints.Map(routes, services.Activity);
        EventEndpoints.Map(routes, services.Events, services.Tickets, services.Time);
        SkillEndpoints.Map(routes, services.Skills);
        WorkflowEndpoints.Map(routes, services.Workflows);
        TelemetryEndpoints.Map(routes, services.Telemetry, services.Time);
        KnowledgeEndpoints.Map(routes, services.Knowledge);
        MemoryEndpoints.Map(routes, services.Memory);
        FleetEndpoints.Map(routes, services.Fleet);
    }
}
