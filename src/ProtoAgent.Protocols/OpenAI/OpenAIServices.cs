using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Turns;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>What the OpenAI-compatible API works on.</summary>
/// <param name="AgentName">Answers as a model's name: the instance's default model.</param>
public sealed record OpenAIServices(string AgentName, ModelCatalog Models, TurnRunner Turns, DateTimeOffset StartedAt, TimeProvider Time);
