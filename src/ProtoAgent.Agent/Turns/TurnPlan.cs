using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>A turn as this process is about to run it.</summary>
/// <param name="Models">In the order they are asked.</param>
/// <param name="Commands">What may answer instead of them; null for a subagent, which gets its task from a model.</param>
internal sealed record TurnPlan(TurnRequest Request, NewTurn Turn, IReadOnlyList<ResolvedModel> Models, SlashCommands? Commands)
{
    /// <summary>A new turn.</summary>
    /// <exception cref="TurnRejectedException">There is no such model.</exception>
    public static TurnPlan For(TurnServices services, SlashCommands commands, TurnRequest request, string threadId, string turnId)
    {
        var models = ModelsFor(services.Models, request.Model) ?? throw new TurnRejectedException(
            "model_not_found", $"The model '{request.Model}' is not configured here. There is: {string.Join(", ", services.Models.Names)}. model.names adds others.");
        request = request with { Trace = request.Trace ?? TraceContext.Current, Hops = Math.Max(request.Hops, TurnHops.Current) };
        var turn = new NewTurn(turnId, threadId, services.Runner, request.Origin, models[0].Name, [])
        {
            Request = request.ToJson(), Attended = request.Attended, ExpectedHead = request.ExpectedHead,
        };
        return new TurnPlan(request, turn, models, CommandsFor(commands, request));
    }

    /// <summary>A turn another process left. A model that is configured no more is replaced by the default rather than losing the turn.</summary>
    public static TurnPlan Again(TurnServices services, SlashCommands commands, TurnInfo left)
    {
        var request = TurnRequest.Of(left);
        var models = ModelsFor(services.Models, left.Model) ?? ModelsFor(services.Models, null)!;
        var turn = new NewTurn(left.Id, left.ThreadId, services.Runner, left.Origin, models[0].Name, []) { Request = left.Request, Attended = left.Attended };
        return new TurnPlan(request, turn, models, CommandsFor(commands, request));
    }

    private static SlashCommands? CommandsFor(SlashCommands commands, TurnRequest request) => request.Depth == 0 ? commands : null;

    /// <summary>The model and those to ask after it; null if there is none of that name.</summary>
    private static List<ResolvedModel>? ModelsFor(ModelCatalog models, string? name)
    {
        if (!models.TryGet(name, out var first))
        {
            return null;
        }

        var all = new List<ResolvedModel> { first };
        foreach (var fallback in models.Fallbacks(first.Name))
        {
            if (models.TryGet(fallback, out var next))
            {
                all.Add(next);
            }
        }

        return all;
    }
}
