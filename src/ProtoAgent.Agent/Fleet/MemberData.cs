namespace ProtoAgent.Agent.Fleet;

/// <summary>What lies in the data home under a member's id: its root, and the id's folder in each of the stores that have one.</summary>
internal static class MemberData
{
    private const string Scheduler = "scheduler";

    private static readonly string[] s_stores = ["activity", "audit", "inbox", "knowledge"];

    /// <param name="name">By the rules for ids, so it leads nowhere else.</param>
    public static IReadOnlyList<string> Of(string home, string name) =>
    [
        .. s_stores.Select(s => Path.Combine(home, s, name)).Prepend(Path.Combine(home, name)).Where(Directory.Exists),

        // The folder itself may hold the jobs of an unscoped instance whose agent has that name.
        .. Directory.Exists(Path.Combine(home, Scheduler, name)) ? Directory.GetDirectories(Path.Combine(home, Scheduler, name)) : [],
    ];

    public static void Delete(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FleetRefusedException("member_not_purged", $"{folder} can't be deleted: {e.Message} The member is out of the fleet; delete what is left yourself.");
            }
        }
    }
}
