using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Operator;

/// <summary>The skills there are, and the instance's own to write.</summary>
internal sealed class SkillEndpoints(SkillServices skills)
{
    private const string Markdown = "text/markdown";

    public static void Map(IEndpointRouteBuilder routes, SkillServices skills)
    {
        var endpoints = new SkillEndpoints(skills);
        routes.MapGet("/api/skills", (RequestDelegate)endpoints.ListAsync)
            .Describe("The skills, and what keeps others from being used.", answer: SkillJson.Default.SkillList).Pages();
        routes.MapGet("/api/skills/{name}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One skill with its text.", answer: SkillJson.Default.WholeSkill).Answers(StatusCodes.Status200OK, mediaType: Markdown);
        routes.MapPut("/api/skills/{name}", (RequestDelegate)endpoints.PutAsync)
            .Describe("Writes a skill of this instance.", SkillJson.Default.PutRequest, needs: "text", answer: SkillJson.Default.SkillItem, status: StatusCodes.Status201Created)
            .Takes(Markdown)
            .Answers(StatusCodes.Status200OK, SkillJson.Default.SkillItem);
        routes.MapDelete("/api/skills/{name}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Deletes a skill of this instance.");
        routes.MapPost("/api/skills/{name}/promote", (RequestDelegate)endpoints.PromoteAsync)
            .Describe("Copies it to the skills of the box.", SkillJson.Default.PromoteRequest, answer: SkillJson.Default.SkillItem);
    }

    private async Task ListAsync(HttpContext context)
    {
        var set = await skills.Catalog.CurrentAsync(context.RequestAborted);
        var (items, next) = ListPage.Of(context, set.Skills, s => s.Name);
        await JsonReply.WriteAsync(
            context,
            new SkillList(
                [.. items.Select(Listed)],
                next,
                Named(skills.Catalog.Scope),
                [.. set.Problems.Select(p => new SkillProblemItem(p.Path, p.Line, p.Message))]),
            SkillJson.Default.SkillList);
    }

    /// <summary>As JSON; or the text alone, to whoever asks for Markdown.</summary>
    private Task GetAsync(HttpContext context) => DoAsync(async () =>
    {
        var name = Name(context);
        var set = await skills.Catalog.CurrentAsync(context.RequestAborted);
        var skill = set.Find(name) ?? throw new SkillException("skill_not_found", $"There is no skill '{name}' here. GET /api/skills lists those there are, and what is wrong with others.");
        var text = SkillContent.Text(skills.Catalog, skill);
        if (context.Request.GetTypedHeaders().Accept is { Count: > 0 } accept && accept.All(a => a.MediaType.Equals(Markdown, StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.ContentType = $"{Markdown}; charset=utf-8";
            await context.Response.WriteAsync(text, context.RequestAborted);
            return;
        }

        var (files, count) = SkillContent.Files(skills.Catalog, skill);
        await JsonReply.WriteAsync(context, new WholeSkill(Listed(skill), text, files, count), SkillJson.Default.WholeSkill);
    });

    private Task PutAsync(HttpContext context) => DoAsync(async () =>
    {
        var (skill, isNew) = await skills.Files.SaveAsync(Name(context), await TextAsync(context));
        await JsonReply.WriteAsync(context, Listed(skill), SkillJson.Default.SkillItem, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    });

    private Task DeleteAsync(HttpContext context) => DoAsync(async () =>
    {
        await skills.Files.DeleteAsync(Name(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    private Task PromoteAsync(HttpContext context) => DoAsync(async () =>
    {
        var request = context.Request.ContentLength is null or 0 ? null : await JsonBody.ReadAsync(context, SkillJson.Default.PromoteRequest);
        await JsonReply.WriteAsync(context, Listed(await skills.Files.PromoteAsync(Name(context), request?.Replace == true)), SkillJson.Default.SkillItem);
    });

    /// <summary>The body: Markdown as it is, or JSON with it as 'text'.</summary>
    private static async Task<string> TextAsync(HttpContext context)
    {
        if (context.Request.HasJsonContentType())
        {
            return (await JsonBody.ReadAsync(context, SkillJson.Default.PutRequest)).Text is { Length: > 0 } text ? text : throw JsonBody.Missing("text", "it is the SKILL.md, front matter and all.");
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.MediaType.Value is not (Markdown or "text/plain"))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", $"Send the SKILL.md as it is, with 'Content-Type: {Markdown}', or as JSON: {{\"text\": \"…\"}}.");
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(body.GetBuffer(), 0, (int)body.Length);
        }
        catch (DecoderFallbackException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "malformed_body", $"The body is not UTF-8 text (byte {e.Index}).");
        }
    }

    private SkillItem Listed(Skill s) => new(
        s.Name, s.Description, Named(s.Source), s.File, s.Tools, s.Slash is not null, s.UserOnly, s.Slash, s.ByAgent ? "agent" : null, skills.Catalog.LastUsed(s.Name));

    private static async Task DoAsync(Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (SkillException e)
        {
            throw new ApiException(
                e.Code switch
                {
                    "skill_not_found" => StatusCodes.Status404NotFound,
                    "skill_invalid" or "skill_name_invalid" or "skill_file_refused" => StatusCodes.Status400BadRequest,
                    "skill_too_large" => StatusCodes.Status413PayloadTooLarge,
                    "skills_folder" => StatusCodes.Status503ServiceUnavailable,
                    _ => StatusCodes.Status409Conflict,
                },
                e.Code,
                e.Message,
                e.Code == "skill_name_invalid" ? "name" : null);
        }
    }

    private static string Name(HttpContext context) => (string)context.GetRouteValue("name")!;

    private static string Named<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
