using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Artifacts;

internal sealed record AttachArtifactArguments(
    [property: Description("What it is called, for whoever asked.")] string Name,
    [property: Description("A text. Exactly one of text, path and data.")] string? Text = null,
    [property: Description("A file of the workspace.")] string? Path = null,
    [property: Description("Structured data: any JSON value.")] JsonElement? Data = null,
    [property: Description("Of text or file, such as text/csv.")] string? MediaType = null,
    [property: Description("What it holds, in a sentence.")] string? Description = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AttachArtifactArguments))]
internal sealed partial class AttachArtifactJson : JsonSerializerContext;

/// <summary><c>attach_artifact</c>: puts a result on the task a peer gave, beside the answer.</summary>
internal sealed class AttachArtifactTool(Func<ITaskArtifacts> tasks, OutgoingFiles files, ArtifactFiles kept) : TypedTool<AttachArtifactArguments>(
    "attach_artifact",
    "Gives the agent that asked a result besides your answer: a text, a file of the workspace, or structured data. Use it for what is to be worked on further; your answer itself need not be attached.",
    AttachArtifactJson.Default.AttachArtifactArguments)
{
    /// <summary>Of a file that stands in the task itself, which is answered whole each time.</summary>
    private const int LongestInline = 256 * 1024;

    private const int LongestText = 1_000_000;
    private const int LongestName = 200;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.ForPeers;

    protected override async Task<ToolResult> CallAsync(AttachArtifactArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var given = (arguments.Text is null ? 0 : 1) + (arguments.Path is null ? 0 : 1) + (arguments.Data is null ? 0 : 1);
        if (given != 1)
        {
            throw new ToolException($"attach_artifact takes exactly one of text, path and data, and got {given}.");
        }

        if (string.IsNullOrWhiteSpace(arguments.Name) || arguments.Name.Length > LongestName || arguments.Name.Any(char.IsControl))
        {
            throw new ToolException($"name must have 1 to {LongestName} characters and no control characters.");
        }

        // The same for every attempt at this call: one that is made again after a crash replaces what the first one left.
        var id = $"{call.TurnId}/{call.CallId}";
        var artifact = new Artifact { ArtifactId = id, Name = arguments.Name.Trim(), Description = arguments.Description, Parts = [PartOf(arguments, call.TurnId, id)] };
        return await tasks().AttachAsync(call.TurnId, artifact)
            ? new ToolResult($"Attached as '{artifact.Name}'{(artifact.Parts[0].Url is { } url ? $", to be fetched at {url}" : "")}.")
            : throw new ToolException("This conversation is not a task an agent gave, or the task has ended: there is nothing to attach it to. Put it into your answer, or into a file of the workspace.");
    }

    private Part PartOf(AttachArtifactArguments arguments, string taskId, string id)
    {
        if (arguments is { Text: { } text })
        {
            return text.Length <= LongestText
                ? new Part { Text = text, MediaType = arguments.MediaType ?? "text/plain" }
                : throw new ToolException($"text has {text.Length} characters; at most {LongestText} can be attached. Write it to a file of the workspace and attach that.");
        }

        if (arguments.Data is { } data)
        {
            return data.GetRawText().Length <= LongestText ? Part.Of(data) : throw new ToolException("data is too large. Write it to a file of the workspace and attach that.");
        }

        var (name, content) = files.Read(arguments.Path!);
        var type = arguments.MediaType ?? "application/octet-stream";
        return content.Length <= LongestInline
            ? new Part { Raw = content, Filename = name, MediaType = type }
            : new Part { Url = kept.Keep(taskId, id, name, type, content).ToString(), Filename = name, MediaType = type };
    }
}
