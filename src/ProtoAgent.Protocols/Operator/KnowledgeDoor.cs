using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the routes of the knowledge stand on.</summary>
public sealed record KnowledgeDoor(KnowledgeService Service, IngestRunner Ingests, WebSource Web);
