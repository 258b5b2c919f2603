using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Knowledge;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>add_knowledge</c>: a note the agent is to know.</summary>
internal sealed class AddKnowledgeTool(McpServices services) : ServerTool<AddKnowledgeTool.Arguments, AddKnowledgeTool.Answer>(
    new Tool
    {
        Name = "add_knowledge",
        Title = "Let the agent know something",
        Description = "Adds a note to what the agent knows. What says the same as something known is not added twice, and a revision takes the place of what it revises (which is kept, and not found any more).",

        // A revision takes something's place: it can be read again, so nothing is destroyed.
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = true, OpenWorldHint = false },
    },
    McpToolJson.Default.AddArguments,
    McpToolJson.Default.AddAnswer,
    services)
{
    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        if (string.IsNullOrWhiteSpace(arguments.Content))
        {
            throw new ToolException("The content is blank. Say what is to be known.");
        }

        // Who calls here is a model at somebody's client as a rule: its words are believed as the agent's own are, and not as an operator's.
        var chunk = new NewChunk(
            arguments.Content, ChunkTrust.Agent, arguments.Heading ?? "", arguments.Namespace ?? "", arguments.Domain ?? NewChunk.DefaultDomain, arguments.Source);
        ChunkAdd added;
        try
        {
            added = await Services.Knowledge.AddAsync(chunk, CancellationToken.None);
        }
        catch (ArgumentException e)
        {
            throw new ToolException(e.Message.Split(" (Parameter", 2)[0], e);
        }

        var (outcome, earlier) = added switch
        {
            ChunkAdd.Duplicate => ("duplicate", (long?)null),
            ChunkAdd.Revised revised => ("revised", revised.Earlier.Id),
            _ => ("added", null),
        };
        return new Answer(added.Chunk.Id, ResourceUris.Chunk(added.Chunk.Id), outcome, earlier);
    }

    protected override string Text(Answer answer) => answer.Outcome switch
    {
        "duplicate" => $"Known already, as {answer.Uri}; nothing was added.",
        "revised" => $"Added as {answer.Uri}, in place of chunk {answer.Supersedes}.",
        _ => $"Added as {answer.Uri}.",
    };

    public sealed record Arguments(
        [property: Description("What is to be known, in words that make sense by themselves: 1 to 32,768 characters.")] string Content,
        [property: Description("What it is about.")] string? Heading = null,
        [property: Description("The namespace it belongs to.")] string? Namespace = null,
        [property: Description("The domain it belongs to; 'general' if left out.")] string? Domain = null,
        [property: Description("Where it comes from: an address, a file, a name.")] string? Source = null);

    public sealed record Answer(
        long Id,
        [property: Description("The resource it can be read as.")] string Uri,
        [property: Description("added, revised, or duplicate when nothing was written.")] string Outcome,
        [property: Description("Of a revision: the chunk it took the place of.")] long? Supersedes);
}
