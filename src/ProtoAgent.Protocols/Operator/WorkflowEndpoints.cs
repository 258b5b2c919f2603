using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The workflows there are: read, saved, deleted, run.</summary>
internal sealed class WorkflowEndpoints(WorkflowRunner workflows)
{
    public static void Map(IEndpointRouteBuilder routes, WorkflowRunner workflows)
    {
        var endpoints = new WorkflowEndpoints(workflows);
        routes.MapGet("/api/workflows", (RequestDelegate)endpoints.ListAsync)
            .Describe("The recipes, with their problems.", answer: WorkflowJson.Default.WorkflowList).Pages();
        routes.MapGet("/api/workflows/{name}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One recipe with its YAML.", answer: WorkflowJson.Default.Workflow);
        routes.MapPut("/api/workflows/{name}", (RequestDelegate)endpoints.SaveAsync)
            .Describe("Saves a recipe; a bad one answers 400 with each line that is wrong.", answer: WorkflowJson.Default.Workflow, status: StatusCodes.Status201Created)
            .Takes("application/yaml")
            .Answers(StatusCodes.Status200OK, WorkflowJson.Default.Workflow)
            .With(ApiParameter.Flag("check", "Look at it and keep nothing."));
        routes.MapDelete("/api/workflows/{name}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Deletes a recipe of this instance.");
        routes.MapPost("/api/workflows/{name}/run", (RequestDelegate)endpoints.RunAsync)
            .Describe("Starts a run.", WorkflowJson.Default.RunRequest, answer: WorkflowJson.Default.RunAccepted, status: StatusCodes.Status202Accepted);
        WorkflowRunEndpoints.Map(routes, workflows);
    }

    /// <summary>Those that can't be run too, each with its problems.</summary>
    private Task ListAsync(HttpContext context) => GuardedAsync(() =>
    {
        var (items, next) = ListPage.Of(context, workflows.Book.All(), e => e.Name);
        return JsonReply.WriteAsync(context, new WorkflowList([.. items.Select(Of)], next), WorkflowJson.Default.WorkflowList);
    });

    private Task GetAsync(HttpContext context) => GuardedAsync(() =>
    {
        var entry = workflows.Book.Find(Name(context)) ?? throw NotFound(context);
        return JsonReply.WriteAsync(context, Of(entry) with { Yaml = entry.Text }, WorkflowJson.Default.Workflow);
    });

    /// <summary>The body is the recipe. With <c>check=true</c> it is looked at and not kept.</summary>
    private Task SaveAsync(HttpContext context) => GuardedAsync(async () =>
    {
        var text = await TextAsync(context);
        var (recipe, problems) = await workflows.ReadAsync(text);
        if (recipe is not null && recipe.Name != Name(context))
        {
            problems = [new RecipeProblem(1, $"The recipe is called '{recipe.Name}', and the address says '{Name(context)}'."), .. problems];
        }

        if (problems.Count > 0)
        {
            await RefuseAsync(context, problems);
            return;
        }

        var isNew = context.Request.Query["check"] != "true" && workflows.Book.Save(recipe!, replace: true);
        var entry = workflows.Book.Find(recipe!.Name) ?? new RecipeEntry(recipe.Name, RecipeSource.Own, text, recipe, [], null);
        await JsonReply.WriteAsync(context, Of(entry) with { Yaml = text }, WorkflowJson.Default.Workflow, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    });

    private Task DeleteAsync(HttpContext context) => GuardedAsync(() =>
    {
        if (!workflows.Book.Delete(Name(context)))
        {
            throw NotFound(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    });

    /// <summary>Answers once the run is on disk: from then on it is not lost.</summary>
    private Task RunAsync(HttpContext context) => GuardedAsync(async () =>
    {
        var request = await JsonBody.ReadAsync(context, WorkflowJson.Default.RunRequest);
        var run = await workflows.StartAsync(Name(context), request.Inputs ?? [], "operator");
        await JsonReply.WriteAsync(context, new RunAccepted(run.Id), WorkflowJson.Default.RunAccepted, StatusCodes.Status202Accepted);
    });

    /// <summary>What can't be done with workflows, as this API says it.</summary>
    internal static async Task GuardedAsync(Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (WorkflowException e)
        {
            throw new ApiException(
                e.Code switch
                {
                    "workflow_not_found" or "run_not_found" => StatusCodes.Status404NotFound,
                    "inputs_invalid" => StatusCodes.Status400BadRequest,
                    "workflows_folder" or "shutting_down" => StatusCodes.Status503ServiceUnavailable,
                    _ => StatusCodes.Status409Conflict,
                },
                e.Code,
                e.Message,
                e.Field);
        }
    }

    private static string Name(HttpContext context) => (string)context.GetRouteValue("name")!;

    private static ApiException NotFound(HttpContext context) => new(
        StatusCodes.Status404NotFound, "workflow_not_found", $"There is no workflow '{Name(context)}' here. GET /api/workflows lists those there are.");

    private static Task RefuseAsync(HttpContext context, IReadOnlyList<RecipeProblem> problems) => JsonReply.WriteAsync(
        context,
        new Refusal(
            "about:blank", "Bad Request", StatusCodes.Status400BadRequest, $"The recipe was not saved. {string.Join(" ", problems)}", "workflow_invalid", context.Request.Path,
            [.. problems.Select(p => new RecipeError(p.Line, p.Message))]),
        WorkflowJson.Default.Refusal,
        StatusCodes.Status400BadRequest,
        "application/problem+json");

    private static async Task<string> TextAsync(HttpContext context)
    {
        if (context.Request.HasJsonContentType())
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the recipe itself, as YAML, with 'Content-Type: application/yaml'.");
        }

        try
        {
            using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (DecoderFallbackException)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "malformed_body", "The recipe is not UTF-8 text.");
        }
    }

    private Workflow Of(RecipeEntry entry)
    {
        var recipe = entry.Recipe;
        var problems = recipe is null ? entry.Problems : workflows.Check(recipe);
        return new Workflow(
            entry.Name,
            recipe?.Description ?? "",
            entry.Source == RecipeSource.Bundled ? "bundled" : "own",
            [.. (recipe?.Inputs ?? []).Select(i => new Input(i.Name, i.Type.ToString().ToLowerInvariant(), i.Required, i.Default, i.Description))],
            [.. (recipe?.Steps ?? []).Select(s => new RecipeStepItem(s.Id, s.Subagent, s.Tool, [.. s.WaitsFor.Order(StringComparer.Ordinal)], s.IsGate ? "human" : null))],
            [.. problems.Select(p => new RecipeError(p.Line, p.Message))],
            entry.Path,
            null);
    }

    /// <param name="Source"><c>own</c> or <c>bundled</c>.</param>
    /// <param name="Problems">Why it can't be run; empty when it can.</param>
    /// <param name="Path">Null of a bundled one.</param>
    /// <param name="Yaml">Null in a list.</param>
    internal sealed record Workflow(
        string Name, string Description, string Source, IReadOnlyList<Input> Inputs, IReadOnlyList<RecipeStepItem> Steps, IReadOnlyList<RecipeError> Problems, string? Path, string? Yaml);

    /// <param name="Type"><c>string</c>, <c>number</c>, <c>boolean</c> or <c>list</c>.</param>
    internal sealed record Input(string Name, string Type, bool Required, JsonNode? Default, string Description);

    /// <param name="WaitsFor">What it depends on, and what it quotes.</param>
    internal sealed record RecipeStepItem(string Id, string? Subagent, string? Tool, IReadOnlyList<string> WaitsFor, string? Gate);

    internal sealed record RecipeError(int Line, string Message);

    internal sealed record WorkflowList(IReadOnlyList<Workflow> Items, string? Next);

    internal sealed record RunRequest(JsonObject? Inputs);

    internal sealed record RunAccepted(string RunId);

    /// <summary>A problem (RFC 9457) with all that is wrong, each with its line.</summary>
    internal sealed record Refusal(string Type, string Title, int Status, string Detail, string Code, string Instance, IReadOnlyList<RecipeError> Errors);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(WorkflowEndpoints.Workflow))]
[JsonSerializable(typeof(WorkflowEndpoints.WorkflowList))]
[JsonSerializable(typeof(WorkflowEndpoints.RunRequest))]
[JsonSerializable(typeof(WorkflowEndpoints.RunAccepted))]
[JsonSerializable(typeof(WorkflowEndpoints.Refusal))]
[JsonSerializable(typeof(WorkflowRunEndpoints.Run), TypeInfoPropertyName = "WorkflowRun")]
[JsonSerializable(typeof(WorkflowRunEndpoints.RunList))]
[JsonSerializable(typeof(WorkflowRunEndpoints.ResumeRequest))]
internal sealed partial class WorkflowJson : JsonSerializerContext;
