using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>
/// What stands before every conversation: notes of the domain <c>hot</c>. Short ones, by who may be believed; a document never is
/// one, for its text is whoever's wrote it.
/// </summary>
public static class HotFacts
{
    public const string Domain = "hot";

    /// <summary>In characters: each is paid for in every turn.</summary>
    public const int Longest = 500;

    /// <exception cref="KnowledgeException">It can't be one.</exception>
    internal static void Check(string content, ChunkTrust trust, string sourceType)
    {
        if (trust < ChunkTrust.Agent || sourceType != "note")
        {
            throw new KnowledgeException("hot_not_a_note", "Only notes of an operator or of the agent itself stand in every conversation; what comes from outside does not. Put it in another domain.");
        }

        if (content.Trim().Length > Longest)
        {
            throw new KnowledgeException("hot_too_long", $"A hot fact has at most {Longest} characters and this one has {content.Trim().Length}: it is paid for in every turn. Say it shorter, or put it in another domain.");
        }
    }
}

/// <summary>A hot fact was written.</summary>
/// <param name="Action"><c>added</c>, <c>revised</c>, <c>updated</c>, <c>deleted</c> or <c>restored</c>.</param>
public sealed record HotWrite(string Action, Chunk Chunk);
