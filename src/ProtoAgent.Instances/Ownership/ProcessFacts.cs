namespace ProtoAgent.Instances.Ownership;

/// <summary>What the program tells of this process when it claims a root.</summary>
/// <param name="Url">Where it listens: <c>http://127.0.0.1:7870</c>.</param>
/// <param name="Version">The program's.</param>
public sealed record ProcessFacts(string Url, int Port, string Version);
