using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using ProtoAgent.Protocols.A2A.Bindings;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Artifacts;

/// <summary>Results by URL, to whoever may ask for tasks.</summary>
internal sealed class ArtifactEndpoint(ArtifactFiles files)
{
    public static void Map(IEndpointRouteBuilder routes, ArtifactFiles files) => routes.MapGet(ArtifactFiles.Path + "/{task}/{id}", (RequestDelegate)new ArtifactEndpoint(files).GetAsync)
        .Describe("A file that is part of a task's result, as an artifact of the task names it.").Answers(StatusCodes.Status200OK, mediaType: "application/octet-stream").Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);

    private async Task GetAsync(HttpContext context)
    {
        if (files.Find((string)context.GetRouteValue("task")!, (string)context.GetRouteValue("id")!) is not { } found)
        {
            throw new ApiException(StatusCodes.Status404NotFound, "artifact_not_found", "There is no such file here. It may have been kept no longer; the task says which there are.");
        }

        await using (found.Content)
        {
            // Never as a page of ours: what a model wrote must not run in a browser under this address.
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = found.About.Name }.ToString();
            context.Response.Headers["X-Media-Type"] = found.About.MediaType;
            context.Response.ContentLength = found.Content.Length;
            await found.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
