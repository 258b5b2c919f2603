namespace ProtoAgent.Stores.Sqlite;

/// <summary>What a store's file holds, as the steps that lead there from an empty one.</summary>
/// <param name="Store">The store's name in the path table.</param>
/// <param name="Migrations">
/// Forward only; the n-th script leads from version n to n+1, in one transaction with the version itself. A released script
/// is never changed: files are out there that ran it.
/// </param>
internal sealed record SqliteSchema(string Store, IReadOnlyList<string> Migrations)
{
    /// <summary>In the file's header: says that it is one of ours ("PAgt").</summary>
    public const int ApplicationId = 0x50416774;

    /// <summary>What is deleted is overwritten too: nothing of it stays in free pages. It costs a write of each page that becomes free.</summary>
    public bool Erases { get; init; }

    /// <summary>The version this program writes, kept in <c>PRAGMA user_version</c>.</summary>
    public int Version => Migrations.Count;
}
