using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ProtoAgent.Instances;

namespace ProtoAgent.Commands;

/// <summary>What <c>protoagent workflows</c> does with runs.</summary>
internal static class WorkflowRunsCommand
{
    /// <summary>Seconds the instance may hold a question back until there is something to say.</summary>
    private const int Wait = 30;

    public static Command Run(Option<string?> url)
    {
        var name = new Argument<string>("name").From("/api/workflows", "name");
        var inputs = new Argument<string[]>("inputs") { Arity = ArgumentArity.ZeroOrMore, Description = "What it takes, as key=value." };
        var follow = new Option<bool>("--follow") { Description = "Show what happens, until it ends or waits for you." };
        var command = new Command("run", "Run a workflow. It goes on whether or not anybody looks.") { name, inputs, follow };
        command.SetAction((parsed, cancellation) => InstanceCall.WithAsync(parsed, url, async http =>
        {
            var given = new JsonObject();
            foreach (var word in parsed.GetValue(inputs) ?? [])
            {
                if (word.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at))
                {
                    Console.Error.WriteLine($"protoagent: '{word}' is no input. Write key=value, such as topic=\"the sea\".");
                    return ExitCodes.Usage;
                }

                given[word[..at]] = word[(at + 1)..];
            }

            using var reply = await http.PostAsJsonAsync(
                $"/api/workflows/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/run", new RunRequest(given), WorkflowCommandJson.Default.RunRequest, cancellation);
            var body = await reply.Content.ReadAsStringAsync(cancellation);
            if (!reply.IsSuccessStatusCode)
            {
                return WorkflowsCommand.Complain(body);
            }

            var id = JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.RunAccepted)!.RunId;
            if (parsed.GetValue(follow))
            {
                return await FollowAsync(http, id, CommandLine.Json(parsed), cancellation);
            }

            Console.Out.WriteLine(CommandLine.Json(parsed) ? body : id);
            return ExitCodes.Ok;
        }));
        return command;
    }

    public static Command Runs(Option<string?> url)
    {
        var id = new Argument<string?>("id") { Arity = ArgumentArity.ZeroOrOne, Description = "One run with its steps; without it the newest." };
        var command = new Command("runs", "Runs, the newest first; or one of them.") { id };
        command.SetAction((parsed, cancellation) => parsed.GetValue(id) is { } one
            ? InstanceCall.GetAsync(parsed, url, $"/api/workflows/runs/{Uri.EscapeDataString(one)}", ShowRun, cancellation)
            : InstanceCall.GetAsync(parsed, url, "/api/workflows/runs", ShowRuns, cancellation));
        return command;
    }

    public static Command Resume(Option<string?> url)
    {
        var id = new Argument<string>("run").From("/api/workflows/runs?limit=50", "id");
        var answer = new Argument<string?>("answer") { Arity = ArgumentArity.ZeroOrOne, Description = "What the step that waits is told." };
        var step = new Option<string?>("--step") { Description = "Whose gate is meant, where there are several.", HelpName = "id" };
        var deny = new Option<bool>("--deny") { Description = "Don't let the step begin." };
        var command = new Command("resume", "Let a run go on: past the gate it waits at, or with what failed.") { id, answer, step, deny };
        command.SetAction((parsed, cancellation) => InstanceCall.PostAsync(
            parsed,
            url,
            $"/api/workflows/runs/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/resume",
            new ResumeRequest(parsed.GetValue(step), parsed.GetValue(deny) ? "deny" : "approve", parsed.GetValue(answer)),
            WorkflowCommandJson.Default.ResumeRequest,
            ShowRun,
            cancellation));
        return command;
    }

    public static Command Cancel(Option<string?> url)
    {
        var id = new Argument<string>("run").From("/api/workflows/runs?limit=50", "id");
        var command = new Command("cancel", "End a run.") { id };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Post, $"/api/workflows/runs/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/cancel", ShowRun, cancellation));
        return command;
    }

    private static async Task<int> FollowAsync(HttpClient http, string id, bool json, CancellationToken cancellation)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var version = 0L; ;)
        {
            using var reply = await http.GetAsync($"/api/workflows/runs/{id}?wait={Wait}&version={version}", cancellation);
            var body = await reply.Content.ReadAsStringAsync(cancellation);
            if (!reply.IsSuccessStatusCode)
            {
                return WorkflowsCommand.Complain(body);
            }

            var run = JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.RunItem)!;
            version = run.Version;
            foreach (var step in (run.Steps ?? []).Where(s => s.Status != "pending"))
            {
                var line = $"{step.Id}: {step.Status}{(step.Attempt > 1 ? $" (attempt {step.Attempt})" : "")}{(step.Error is { } error ? $": {error.Message}" : "")}";
                if (told.GetValueOrDefault(step.Id) != line)
                {
                    told[step.Id] = line;
                    Console.Error.WriteLine(line);
                }
            }

            if (run.Status == "running")
            {
                continue;
            }

            if (json)
            {
                Console.Out.WriteLine(body);
            }
            else
            {
                Tell(run);
            }

            return run.Status is "done" or "waiting" ? ExitCodes.Ok : ExitCodes.Problems;
        }
    }

    private static void ShowRun(string body)
    {
        var run = JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.RunItem)!;
        Console.Out.WriteLine($"{run.Id}  {run.Workflow}  {run.Status}");
        if (run.Steps is { Count: > 0 } steps)
        {
            TextTable.Write(Console.Out, ["STEP", "STATUS", "ATTEMPT", "ERROR"], steps.Select(s => new[] { s.Id, s.Status, $"{s.Attempt}", s.Error?.Message ?? "" }));
        }

        Tell(run);
    }

    private static void ShowRuns(string body) => TextTable.Write(
        Console.Out,
        ["RUN", "WORKFLOW", "STATUS", "STARTED"],
        JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.RunItems)!.Items.Select(r => new[] { r.Id, r.Workflow, r.Status, $"{r.StartedAt:yyyy-MM-dd HH:mm}Z" }));

    /// <summary>What came of it, and what a person may do.</summary>
    private static void Tell(RunItem run)
    {
        if (run.Output is { } output)
        {
            Console.Out.WriteLine(output);
        }

        if (run.Error is { } error)
        {
            Console.Error.WriteLine($"protoagent: the run {run.Id} is {run.Status}: {error.Message}");
        }

        foreach (var step in (run.Steps ?? []).Where(s => s.Status == "waiting"))
        {
            Console.Error.WriteLine(step.Gate is { Decision: null } gate
                ? $"{step.Id} asks: {gate.Question}\nGo on with: protoagent workflows resume {run.Id} --step {step.Id} [answer], or --deny"
                : $"{step.Id} waits for what 'protoagent approvals' shows.");
        }
    }

    internal sealed record RunRequest(JsonObject Inputs);

    internal sealed record RunAccepted(string RunId);

    internal sealed record ResumeRequest(string? Step, string Decision, string? Answer);

    internal sealed record RunItem(string Id, string Workflow, string Status, long Version, DateTimeOffset StartedAt, string? Output, ErrorItem? Error, IReadOnlyList<StepItem>? Steps);

    internal sealed record StepItem(string Id, string Status, long Attempt, ErrorItem? Error, GateItem? Gate);

    internal sealed record GateItem(string Question, string? Decision);

    internal sealed record ErrorItem(string Message);

    internal sealed record RunItems(IReadOnlyList<RunItem> Items);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(WorkflowsCommand.Refusal))]
[JsonSerializable(typeof(WorkflowsCommand.WorkflowItem))]
[JsonSerializable(typeof(WorkflowsCommand.WorkflowItems))]
[JsonSerializable(typeof(WorkflowRunsCommand.RunRequest))]
[JsonSerializable(typeof(WorkflowRunsCommand.RunAccepted))]
[JsonSerializable(typeof(WorkflowRunsCommand.ResumeRequest))]
[JsonSerializable(typeof(WorkflowRunsCommand.RunItem))]
[JsonSerializable(typeof(WorkflowRunsCommand.RunItems))]
internal sealed partial class WorkflowCommandJson : JsonSerializerContext;
