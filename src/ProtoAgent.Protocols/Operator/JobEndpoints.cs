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
    private const int DefaultPreview = 5;
    private const int MostPreview = 100;

    public static void Map(IEndpointRouteBuilder routes, IJobDesk desk, TimeProvider time)
    {
        var endpoints = new JobEndpoints(desk, time);
        routes.MapGet("/api/scheduler/jobs", (RequestDelegate)endpoints.ListAsync)
            .Describe("The jobs, the latest added first.", answer: JobsJson.Default.JobList).Pages();
        routes.MapPost("/api/scheduler/jobs", (RequestDelegate)endpoints.AddAsync)
            .Describe("Adds a job; 200 when there is the very same one.", JobsJson.Default.NewJobBody, needs: "prompt, schedule", answer: JobsJson.Default.JobAnswer, status: StatusCodes.Status201Created)
            .Answers(StatusCodes.Status200OK, JobsJson.Default.JobAnswer);
        routes.MapGet("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One job.", answer: JobsJson.Default.JobAnswer);
        routes.MapPut("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.ReplaceAsync)
            .Describe("Changes a job in place.", JobsJson.Default.JobEditBody, needs: "prompt, schedule", answer: JobsJson.Default.JobAnswer);
        routes.MapDelete("/api/scheduler/jobs/{id}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Takes a job out.", answer: JobsJson.Default.JobCancelled);
        routes.MapPost("/api/scheduler/jobs/{id}/pause", (RequestDelegate)(context => MoveAsync(context, desk.PauseAsync)))
            .Describe("It fires no more until it is resumed.", answer: JobsJson.Default.JobAnswer);
        routes.MapPost("/api/scheduler/jobs/{id}/resume", (RequestDelegate)(context => MoveAsync(context, desk.ResumeAsync)))
            .Describe("It fires again.", answer: JobsJson.Default.JobAnswer);
        routes.MapPost("/api/scheduler/jobs/{id}/run", (RequestDelegate)endpoints.RunAsync)
            .Describe("Fires it now.", answer: JobsJson.Default.RunAnswer, status: StatusCodes.Status202Accepted);
        routes.MapGet("/api/scheduler/jobs/{id}/runs", (RequestDelegate)endpoints.RunsAsync)
            .Describe("Each time it was due, the latest first.", answer: JobsJson.Default.RunList).Pages();
        routes.MapPost("/api/scheduler/preview", (RequestDelegate)endpoints.PreviewAsync)
            .Describe("How a schedule is understood. Nothing is kept.", JobsJson.Default.PreviewBody, needs: "schedule", answer: JobsJson.Default.SchedulePreview);
    }

    private async Task ListAsync(HttpContext context)
    {
        var page = await PageAsync(() => desk.ListAsync(QueryValues.Limit(context, JobStore.MaxPage), Cursor(context), context.RequestAborted));
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
        var page = await PageAsync(() => desk.RunsAsync(job.Id, QueryValues.Limit(context, JobStore.MaxPage), Cursor(context), context.RequestAborted));
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
            throw QueryValues.BadCursor();
        }
    }

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static string? Cursor(HttpContext context) => QueryValues.Text(context, "cursor");

    private static ApiException NotFound(HttpContext context) =>
        new(StatusCodes.Status404NotFound, "job_not_found", $"There is no job '{Id(context)}' here. GET /api/scheduler/jobs lists those there are.");
}
