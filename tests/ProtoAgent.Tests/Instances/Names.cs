using CsCheck;

namespace ProtoAgent.Tests.Instances;

/// <summary>Names people and machines come up with: fine ones, nasty ones, and near misses of both.</summary>
internal static class Names
{
    private static readonly string[] s_seeds =
    [
        "alice", "Alice", "bob", "a", "A", "0", "agent.v2", "agent_v2", "agent-v2", "memory", "memoryx", "knowledge", "skills", "scheduler", "inbox", "activity",
        "audit", "workflows", "workflow-runs", "workflow-runs.db", "workspace", "checkpoints", "checkpoints.db", "skills.db", "agent.db", "agent", "jobs", "jobs.db", "jobs.db.lock", "protoagent", "protoagent.db",
        "audit.jsonl", "config.yaml", "telemetry.db-wal", "x.lock", "x.tmp", ".", "..", "...", ".hidden", "a.", "a/b", "a\\b", "../x", "con", "COM1", "nul.txt", "lpt9.a.b",
        "аlice", "ａlice", "al\u00efce", "a\u200bb", "a b", "", " ", "a\0b", "a\nb", "🦊", "instances", ".instances", "commons", "Commons", "commons.d",
    ];

    public static Gen<string> Any { get; } = Gen.OneOf(
        Gen.OneOf(s_seeds),
        Gen.String[Gen.Char["abcABC019._-"], 1, 12],
        Gen.String[Gen.Char["ab._-/\\ é\u0001"], 0, 8],
        Gen.String[Gen.Char["ab.-"], 60, 68],
        Gen.Select(Gen.OneOf(s_seeds), Gen.OneOf(".db", ".json", "-wal", ".", "x", "/", "-journal", ".lock"), (a, b) => a + b));
}
