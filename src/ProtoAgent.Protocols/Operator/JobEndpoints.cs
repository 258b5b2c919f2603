using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Scheduled jobs: what is to be done when, and what became of each time it was due.</summary>
internal sealed class JobEndpoints(IJobDesk desk, TimeProvider time)
{
    private const int DefaultLimit = 50;
    private const int DefaultPreview = 5;
    private const int MostPreview = 100;

    public static void Map(IEndpointRouteBuilder routes, IJobDesk desk, TimeProvider time)
    {
        var endpoints = new JobEndpoints(desk, time);
        routes.MapGet("/api/scheduler/jobs", (RequestDelegate)endpoints.ListAsync);
        routes.MapPost("/api/scheduler/jobs", (RequestDelegate)endpoints.AddAsync);
        routes.MapGet("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.GetAsync);
        routes.MapPut("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.ReplaceAsync);
        routes.MapDelete("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.DeleteAsync);
        routes.MapPost("/api/scheduler/jobs/{id}/pause", (RequestDelegate)(context => MoveAsync(context, desk.PauseAsync)));
        routes.MapPost("/api/scheduler/jobs/{id}/resume", (RequestDelegate)(context => MoveAsync(context, desk.ResumeAsync)));
        routes.MapPost("/api/scheduler/jobs/{id}/run", (RequestDelegate)endpoints.RunAsync);
        routes.MapGet("/api/scheduler/jobs/{id}/runs", (RequestDelegate)endpoints.RunsAsync);
        routes.MapPost("/api/scheduler/preview", (RequestDelegate)endpoints.PreviewAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        var page = await PageAsync(() => desk.ListAsync(Limit(context), Cursor(context), context.RequestAborted));
        await JsonReply.WriteAsync(context, new JobList([.. page.Items.Select(JobItem.Of)], page.Next), JobsJson.Default.JobList);
    }

    private async Task AddAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, JobsJson.Default.NewJobBody);

        // Here and below a write is never cancelled by a caller that hangs up: half the time it would be there, half not.
        var added = await JobErrors.ToldAsync(() => desk.AddAsync(body.ToDraft(), CancellationToken.None));
        await JsonReply.WriteAsync(
            context,
            new JobAnswer(JobItem.Of(added.Job), added.Existed ? true : null),
            JobsJson.Default.JobAnswer,
            added.Existed ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private async Task GetAsync(HttpContext context) => await JobAsync(context, await FindAsync(context));

    private async Task ReplaceAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, JobsJson.Default.JobEditBody);
        while (true)
        {
            var job = await FindAsync(context);
            try
            {
                var replaced = await JobErrors.ToldAsync(() => desk.UpdateAsync(job.Id, body.Over(job), body.Version ?? job.Version, CancellationToken.None));
                await JobAsync(context, replaced ?? throw NotFound(context));
                return;
            }
            catch (ApiException e) when (e.Code == JobErrors.Changed && body.Version is null)
            {
                // Another change came between: what the caller left out is to be taken from that one.
            }
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        var id = Id(context);
        if (!await JobErrors.ToldAsync(() => desk.DeleteAsync(id, CancellationToken.None)))
        {
            throw NotFound(context);
        }

        await JsonReply.WriteAsync(context, new JobCancelled(id, Canceled: true), JobsJson.Default.JobCancelled);
    }

    private static async Task MoveAsync(HttpContext context, Func<string, CancellationToken, Task<Job?>> move) =>
        await JobAsync(context, await JobErrors.ToldAsync(() => move(Id(context), CancellationToken.None)) ?? throw NotFound(context));

    private async Task RunAsync(HttpContext context)
    {
        var run = await JobErrors.ToldAsync(() => desk.RunNowAsync(Id(context), CancellationToken.None)) ?? throw NotFound(context);
        await JsonReply.WriteAsync(context, new RunAnswer(RunItem.Of(run)), JobsJson.Default.RunAnswer, StatusCodes.Status202Accepted);
    }

    private async Task RunsAsync(HttpContext context)
    {
        var job = await FindAsync(context);
        var page = await PageAsync(() => desk.RunsAsync(job.Id, Limit(context), Cursor(context), context.RequestAborted));
        await JsonReply.WriteAsync(context, new RunList([.. page.Items.Select(RunItem.Of)], page.Next), JobsJson.Default.RunList);
    }

    /// <summary>How a schedule is understood, before there is a job. Nothing is kept.</summary>
    private async Task PreviewAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context, JobsJson.Default.PreviewBody);
        var count = body.Count ?? DefaultPreview;
        if (count is < 1 or > MostPreview)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_count", $"count must be a whole number from 1 to {MostPreview}.", "count");
        }

        var text = JobRequired.Schedule(body.Schedule);
        var schedule = await JobErrors.ToldAsync(() => Task.FromResult(JobSchedule.Parse(text, body.Timezone)));
        var now = time.GetUtcNow();
        await JsonReply.WriteAsync(
            context,
            new SchedulePreview(schedule.Text, schedule.Timezone, schedule.Recurs, [.. schedule.Between(now, DateTimeOffset.MaxValue, now).Take(count)]),
            JobsJson.Default.SchedulePreview);
    }

    private async Task<Job> FindAsync(HttpContext context) => await desk.GetAsync(Id(context), context.RequestAborted) ?? throw NotFound(context);

    private static Task JobAsync(HttpContext context, Job job) => JsonReply.WriteAsync(context, new JobAnswer(JobItem.Of(job)), JobsJson.Default.JobAnswer);

    private static async Task<T> PageAsync<T>(Func<Task<T>> page)
    {
        try
        {
            return await page();
        }
        catch (ArgumentException)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");
        }
    }

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static string? Cursor(HttpContext context) => context.Request.Query["cursor"].ToString() is { Length: > 0 } cursor ? cursor : null;

    private static int Limit(HttpContext context)
    {
        var text = context.Request.Query["limit"].ToString();
        return text.Length == 0 ? DefaultLimit
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= JobStore.MaxPage ? limit
            : throw new ApiException(StatusCodes.Status400BadRequest, "bad_limit", $"limit must be a whole number from 1 to {JobStore.MaxPage}.", "limit");
    }

    private static ApiException NotFound(HttpContext context) =>
        new(StatusCodes.Status404NotFound, "job_not_found", $"There is no job '{Id(context)}' here. GET /api/scheduler/jobs lists those there are.");
}
