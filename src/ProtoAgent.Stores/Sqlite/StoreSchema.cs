namespace ProtoAgent.Stores.Sqlite;

/// <summary>The shape of one store's file.</summary>
/// <param name="Store">The store's name in the path table.</param>
/// <param name="Migrations">
/// One SQL script a version, forward only: a file at version n has had the first n. A script that has been released is never edited.
/// </param>
internal sealed record StoreSchema(string Store, IReadOnlyList<string> Migrations)
{
    /// <summary>In the header of every file of ours ("PrAg"), so that another program's database is never taken for one.</summary>
    public const int ApplicationId = 0x50724167;

    public int Version => Migrations.Count;
}
