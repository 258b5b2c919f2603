using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Cards;

/// <summary>What this agent says of itself (specification 8).</summary>
/// <param name="pushes">There are push notifications.</param>
internal sealed class CardMaker(A2AServices services, bool pushes)
{
    private const string Scheme = "bearer";

    /// <summary>For everybody.</summary>
    public async Task<AgentCard> PublicAsync(HttpRequest request)
    {
        var url = BaseOf(request);
        return new AgentCard
        {
            Name = services.AgentName,
            Description = services.Options.Description ?? $"{services.AgentName}, an agent that converses, keeps what it learns, and works on tasks with its tools.",
            Version = services.Version,
            SupportedInterfaces =
            [
                new() { Url = $"{url}{A2AServer.Prefix}", ProtocolBinding = AgentInterface.JsonRpc, ProtocolVersion = "1.0" },
                new() { Url = $"{url}{A2AServer.Prefix}/v1", ProtocolBinding = AgentInterface.HttpJson, ProtocolVersion = "1.0" },
                new() { Url = $"{url}{A2AServer.Prefix}", ProtocolBinding = AgentInterface.JsonRpc, ProtocolVersion = "0.3" },
            ],
            Provider = services.Options is { ProviderName: { } name, ProviderUrl: { } home } ? new AgentProvider { Organization = name, Url = home } : null,
            DocumentationUrl = services.Options.DocumentationUrl,
            IconUrl = services.Options.IconUrl,
            Capabilities = new AgentCapabilities { Streaming = true, PushNotifications = pushes, ExtendedAgentCard = services.WantsToken, Extensions = Extensions.All },
            SecuritySchemes = services.WantsToken
                ? new Dictionary<string, SecurityScheme> { [Scheme] = new() { HttpAuthSecurityScheme = new HttpAuthSecurityScheme("The token this instance was given.", "Bearer", null) } }
                : null,
            SecurityRequirements = services.WantsToken ? [new() { Schemes = new Dictionary<string, StringList> { [Scheme] = new() } }] : null,
            DefaultInputModes = Intake.InputModes,
            DefaultOutputModes = Intake.OutputModes,
            Skills = [Conversation(), .. (await services.Skills.CurrentAsync(request.HttpContext.RequestAborted)).Skills.Where(s => !s.UserOnly).Select(Of)],
        };
    }

    /// <summary>For who has shown a token: with the tools and models there are.</summary>
    private async Task<AgentCard> ExtendedAsync(HttpRequest request)
    {
        var card = await PublicAsync(request);
        var tools = services.Turns().Tools.Offered().Values;
        return card with
        {
            Skills =
            [
                .. card.Skills,
                .. tools.Select(t => new AgentSkill { Id = $"tool/{t.Name}", Name = t.Name, Description = t.Description, Tags = ["tool"] }),
                .. services.Models.Names.Select(m => new AgentSkill { Id = $"model/{m}", Name = m, Description = m == services.Models.Default ? "The model that answers." : "A model that can be asked for by the other surfaces.", Tags = ["model"] }),
            ],
        };
    }

    /// <exception cref="A2AException">There is none: nobody has to show a token here, so nobody can have.</exception>
    public Task<AgentCard> ExtendedOrRefusedAsync(HttpRequest request) => services.WantsToken
        ? ExtendedAsync(request)
        : throw new A2AException(ErrorKind.UnsupportedOperation, "This agent has no extended card, as its card says: it is for callers with a token, and this instance asks for none.");

    private static AgentSkill Conversation() => new()
    {
        Id = "conversation", Name = "Conversation", Description = "Answers, and works on what it is asked with its tools; asks back when it has to.", Tags = ["chat"], Examples = ["What can you do?"],
    };

    private static AgentSkill Of(Skill skill) => new() { Id = $"skill/{skill.Name}", Name = skill.Name, Description = skill.Description, Tags = ["skill", .. skill.Tools] };

    private string BaseOf(HttpRequest request) => services.PublicUrl?.ToString().TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
}
