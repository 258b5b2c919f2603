using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using ProtoAgent.Agent.Workflows;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent workflows</c>: the recipes of the running instance, and their runs.</summary>
internal static class WorkflowsCommand
{
    public static Command Create()
    {
        var url = InstanceCall.Url();
        var command = new Command("workflows", $"Prepared sequences of steps, and their runs, at the running instance.\n{InstanceCall.Codes}")
        {
            List(url),
            Show(url),
            Check(url),
            Save(url),
            Delete(url),
            WorkflowRunsCommand.Run(url),
            WorkflowRunsCommand.Runs(url),
            WorkflowRunsCommand.Resume(url),
            WorkflowRunsCommand.Cancel(url),
        };
        command.Options.Add(url);
        return command;
    }

    /// <summary>An error of the instance, on stderr; of a recipe every problem with its line.</summary>
    public static int Complain(string body)
    {
        var errors = body.StartsWith('{') ? JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.Refusal)?.Errors ?? [] : [];
        if (errors.Count == 0)
        {
            return ChatCommand.Complain(body);
        }

        Console.Error.WriteLine("protoagent: the recipe has problems:");
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"  line {error.Line}: {error.Message}");
        }

        return ExitCodes.Problems;
    }

    private static Command List(Option<string?> url)
    {
        var command = new Command("list", "The workflows there are.");
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed,
            url,
            "/api/workflows?limit=500",
            body => TextTable.Write(Console.Out, ["NAME", "FROM", "TAKES", "DESCRIPTION"], JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.WorkflowItems)!.Items.Select(Row)),
            cancellation));
        return command;
    }

    private static string[] Row(WorkflowItem item) =>
    [
        item.Name,
        item.Source,
        string.Join(' ', item.Inputs.Select(i => i.Required ? i.Name : $"[{i.Name}]")),
        item.Problems.Count == 0 ? item.Description : $"can't be run: line {item.Problems[0].Line}: {item.Problems[0].Message}",
    ];

    private static Command Show(Option<string?> url)
    {
        var name = new Argument<string>("name").From("/api/workflows", "name");
        var command = new Command("show", "A workflow's recipe.") { name };
        command.SetAction((parsed, cancellation) => InstanceCall.GetAsync(
            parsed,
            url,
            $"/api/workflows/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}",
            body =>
            {
                var item = JsonSerializer.Deserialize(body, WorkflowCommandJson.Default.WorkflowItem)!;
                Console.Out.WriteLine(item.Yaml);
                foreach (var problem in item.Problems)
                {
                    Console.Error.WriteLine($"line {problem.Line}: {problem.Message}");
                }
            },
            cancellation));
        return command;
    }

    /// <summary>Reads the file here; whether its subagents and tools are there only the instance can say.</summary>
    private static Command Check(Option<string?> url)
    {
        var file = new Argument<FileInfo>("file") { Description = "A recipe in YAML." };
        var command = new Command("check", "Look for problems in a recipe, without saving it.") { file };
        command.SetAction(async (parsed, cancellation) =>
        {
            var code = await PutAsync(parsed, url, parsed.GetRequiredValue(file), "?check=true", "No problems.", cancellation);
            if (code != ExitCodes.Unavailable)
            {
                return code;
            }

            Console.Out.WriteLine("No problems in the file itself. Its subagents and tools were not looked at.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Save(Option<string?> url)
    {
        var file = new Argument<FileInfo>("file") { Description = "A recipe in YAML." };
        var command = new Command("save", "Save a recipe under its name; one of that name is replaced.") { file };
        command.SetAction((parsed, cancellation) => PutAsync(parsed, url, parsed.GetRequiredValue(file), "", "Saved.", cancellation));
        return command;
    }

    private static async Task<int> PutAsync(ParseResult parsed, Option<string?> url, FileInfo file, string query, string done, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = await File.ReadAllTextAsync(file.FullName, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"protoagent: {file.FullName} can't be read: {e.Message}");
            return ExitCodes.Problems;
        }

        var (recipe, problems) = RecipeReader.Read(text);
        if (recipe is null)
        {
            Console.Error.WriteLine($"protoagent: {file.Name} has problems:");
            foreach (var problem in problems)
            {
                Console.Error.WriteLine($"  {problem}");
            }

            return ExitCodes.Problems;
        }

        return await InstanceCall.WithAsync(parsed, url, async http =>
        {
            using var content = new StringContent(text, new MediaTypeHeaderValue("application/yaml"));
            using var reply = await http.PutAsync($"/api/workflows/{recipe.Name}{query}", content, cancellation);
            var body = await reply.Content.ReadAsStringAsync(cancellation);
            if (!reply.IsSuccessStatusCode)
            {
                return Complain(body);
            }

            Console.Out.WriteLine(CommandLine.Json(parsed) ? body : done);
            return ExitCodes.Ok;
        });
    }

    private static Command Delete(Option<string?> url)
    {
        var name = new Argument<string>("name").From("/api/workflows", "name");
        var command = new Command("delete", "Delete a workflow of the instance's own.") { name };
        command.SetAction((parsed, cancellation) => InstanceCall.SendAsync(
            parsed, url, HttpMethod.Delete, $"/api/workflows/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", _ => Console.Out.WriteLine("Deleted."), cancellation));
        return command;
    }

    internal sealed record Refusal(IReadOnlyList<Problem>? Errors);

    internal sealed record Problem(int Line, string Message);

    internal sealed record WorkflowItem(string Name, string Description, string Source, IReadOnlyList<InputItem> Inputs, IReadOnlyList<Problem> Problems, string? Yaml);

    internal sealed record InputItem(string Name, bool Required);

    internal sealed record WorkflowItems(IReadOnlyList<WorkflowItem> Items);
}
