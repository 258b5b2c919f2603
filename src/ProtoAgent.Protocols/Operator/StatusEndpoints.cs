using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

internal sealed class StatusEndpoints(OperatorServices services)
{
    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new StatusEndpoints(services);
        routes.MapGet("/api/runtime/status", (RequestDelegate)endpoints.StatusAsync)
            .Describe("Which instance this is, where its data lies, and what stands in its way.", answer: OperatorJson.Default.RuntimeStatus);
        routes.MapGet("/api/instances", (RequestDelegate)endpoints.InstancesAsync)
            .Describe("The live instances of this data home.", answer: OperatorJson.Default.ListedArray)
            .With(ApiParameter.OneOf("memory", "Measure what each costs too, which takes a look at each process.", "true", "false"));
    }

    private async Task StatusAsync(HttpContext context)
    {
        var instance = services.Instance;
        var (paths, record) = (instance.Paths, instance.Record);
        var files = paths.All.ToDictionary(p => p.Store, p => p.Path);
        files.Add("config", paths.ConfigFile);
        files.Add("secrets", paths.SecretsFile);
        files.Add("registry", paths.Registry);
        files.Add("commons_skills", paths.CommonsSkills);
        var model = services.Models.Options;
        var status = new RuntimeStatus(
            new InstanceStatus(
                record.Instance, paths.Identity.SourceName, record.AgentName, record.Uuid, record.Pid, record.Port, record.StartedAt, record.Version,
                paths.DataHome.Path, paths.Root),
            files,
            await SchedulerAsync(context.RequestAborted),
            [.. instance.Siblings().Select(s => new SiblingStatus(s.Pid, s.Port, s.Instance, s.StartedAt))],
            new ModelStatus(model.Provider, model.Name, model.BaseUrl?.ToString(), Ready: true),
            await CountAsync(context.RequestAborted),
            [.. instance.Warnings().Select(w => new WarningStatus(w.Code, $"{w.Message} {w.Remedy}", w.Remedy))]);
        instance.PublishWarnings();
        await JsonReply.WriteAsync(context, status, OperatorJson.Default.RuntimeStatus);
    }

    private async Task<SchedulerStatus> SchedulerAsync(CancellationToken cancellationToken)
    {
        // Counted first: until the schedule is taken or waited for, there is no state to tell.
        var jobs = await CountJobsAsync(cancellationToken);
        var status = services.Scheduler.Status;
        var owner = status.Owner is { } holder ? new OwnerStatus(holder.Pid, holder.Port, holder.Instance, holder.AgentName, holder.HostName, holder.StartedAt) : null;
        return new SchedulerStatus(status.Name, owner, jobs, status.NextFire);
    }

    private async Task<long?> CountJobsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await services.Scheduler.CountAsync(cancellationToken);
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>A store in trouble has no count; the warnings say why.</summary>
    private async Task<Dictionary<string, long>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long> { ["skills"] = services.Skills.Catalog.Known.Skills.Count };
        await AddAsync("threads", services.Checkpoints.CountThreadsAsync);
        await AddAsync("approvals", async cancelled => (await services.Checkpoints.ListApprovalsAsync(CheckpointStore.MaxPage, cancelled)).Count);
        await AddAsync("inbox", services.Inbox.CountPendingAsync);
        await AddAsync("knowledge", services.Knowledge.Service.CountAsync);
        return counts;

        async Task AddAsync(string store, Func<CancellationToken, Task<long>> count)
        {
            try
            {
                counts[store] = await count(cancellationToken);
            }
            catch (StoreException)
            {
                // Said by the warnings.
            }
        }
    }

    private Task InstancesAsync(HttpContext context)
    {
        var measured = QueryValues.Flag(context, "memory");
        var live = services.Instance.Registry.Live();
        return JsonReply.WriteAsync(
            context, [.. live.Select(r => Listed.Of(r, r.WarningsAmong(live), measured ? ProcessMemory.Of(r) : null))], OperatorJson.Default.ListedArray);
    }

    /// <param name="Warnings">Codes; what each says is in that instance's own status. No more than a minute old.</param>
    /// <param name="NextDue">When its next job is due; null if nothing is.</param>
    /// <param name="MemoryBytes">Proportional set size; null unless asked for, and where the process can't be looked at (another container).</param>
    internal sealed record Listed(
        string? Instance, string AgentName, int Pid, string HostName, int Port, string Url, DateTimeOffset StartedAt, string Version, string Scheduler, string Root,
        DateTimeOffset? NextDue, IReadOnlyList<string> Warnings, long? MemoryBytes)
    {
        public static Listed Of(InstanceRecord r, IReadOnlyList<string> warnings, long? memory) =>
            new(r.Instance, r.AgentName, r.Pid, r.HostName, r.Port, r.Url, r.StartedAt, r.Version, r.Scheduler, r.Root, r.NextDue, warnings, memory);
    }
}
