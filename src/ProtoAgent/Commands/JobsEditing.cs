using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent jobs add</c> and <c>edit</c>.</summary>
internal static class JobsEditing
{
    public static Command Add(Option<string?> url)
    {
        var schedule = new Argument<string>("schedule")
        {
            Description = "A cron line '0 9 * * MON-FRI', '@daily', an interval 'every 15m', or one time '2027-03-01T09:00:00+01:00'.",
        };
        var prompt = new Argument<string>("prompt") { Description = "What the agent is told when it is time." };
        var id = new Option<string?>("--id") { Description = "A name for it, of A-Z a-z 0-9 . _ -; else it gets one." };
        var about = new JobsOptions();
        var command = new Command("add", "Have something done later, once or again and again.") { schedule, prompt, id };
        about.All.ToList().ForEach(command.Options.Add);
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            var job = new JobsShapes.NewJob(
                parsed.GetRequiredValue(prompt), parsed.GetRequiredValue(schedule), about.Timezone(parsed), parsed.GetValue(id), about.Session(parsed), about.Policy(parsed));
            var body = await InstanceCall.SendAsync(http, HttpMethod.Post, JobsCommand.Path, JsonContent.Create(job, JobsJson.Default.NewJob), cancellation);
            return body is null ? ExitCodes.Problems : JobsCommand.Print(
                parsed, body, JobsJson.Default.JobAnswer,
                answer => Console.Out.WriteLine($"{(answer.Existed == true ? "Nothing added, the very same job is there already:" : "Added")} {JobsWords.Said(answer.Job)}"));
        }));
        return command;
    }

    public static Command Edit(Option<string?> url)
    {
        var id = JobsCommand.Id();
        var schedule = new Option<string?>("--schedule") { Description = "When, from now on." };
        var prompt = new Option<string?>("--prompt") { Description = "What the agent is told, from now on." };
        var apart = new Option<bool>("--no-session") { Description = "Take it out of its conversation." };
        var about = new JobsOptions();
        var command = new Command("edit", "Change a job in place; what is not said stays as it is. Its runs and its id stay.") { id, schedule, prompt, apart };
        about.All.ToList().ForEach(command.Options.Add);
        command.Validators.Add(result =>
        {
            if (!about.All.Concat([schedule, prompt, apart]).Any(o => result.GetResult(o) is { Implicit: false }))
            {
                result.AddError("There is nothing to change. Say what: --schedule, --prompt, --timezone, …");
            }
        });
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            if (await InstanceCall.SendAsync(http, HttpMethod.Get, JobsCommand.Of(parsed, id), null, cancellation) is not { } found)
            {
                return ExitCodes.Problems;
            }

            // With the version that was read: what somebody else changes meanwhile is not undone.
            var job = JsonSerializer.Deserialize(found, JobsJson.Default.JobAnswer)!.Job;
            var edit = new JobsShapes.JobEdit(
                parsed.GetValue(prompt) ?? job.Prompt,
                parsed.GetValue(schedule) ?? job.Schedule,
                about.Timezone(parsed) ?? job.Timezone,
                parsed.GetValue(apart) ? null : about.Session(parsed) ?? job.SessionId,
                about.Policy(parsed, job.Policy),
                job.Version);
            var body = await InstanceCall.SendAsync(http, HttpMethod.Put, JobsCommand.Of(parsed, id), JsonContent.Create(edit, JobsJson.Default.JobEdit), cancellation);
            return body is null ? ExitCodes.Problems : JobsCommand.Print(
                parsed, body, JobsJson.Default.JobAnswer, answer => Console.Out.WriteLine($"Changed {JobsWords.Said(answer.Job)}"));
        }));
        return command;
    }
}
