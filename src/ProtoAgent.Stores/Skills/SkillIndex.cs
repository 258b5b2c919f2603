using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Skills;

/// <summary>What was read of the skill folders, and when which skill was used; see README.md.</summary>
public sealed partial class SkillIndex : IAsyncDisposable
{
    private const char Between = ' ';

    private readonly SqliteDatabase _database;

    private SkillIndex(SqliteDatabase database, IReadOnlyList<IndexedSkill> skills, IReadOnlyDictionary<string, DateTimeOffset> uses)
    {
        _database = database;
        Skills = skills;
        Uses = uses;
    }

    /// <summary>What the file held when it was opened.</summary>
    public IReadOnlyList<IndexedSkill> Skills { get; }

    /// <summary>When a skill was last used, by its name in whatever case; as the file held it when it was opened.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Uses { get; }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <summary>Opens the file and reads it. A damaged one is put aside and begun anew: all but the times of use is in the folders.</summary>
    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<SkillIndex> OpenAsync(InstancePaths paths, ILogger<SkillIndex> logger)
    {
        try
        {
            return await ReadAsync(paths, logger);
        }
        catch (StoreException e) when (e.Code == "store_corrupt")
        {
            var file = paths.SkillsIndex;
            PutAside(file, e);
            LogRebuilt(logger, file, $"{file}.damaged");
            return await ReadAsync(paths, logger);
        }
    }

    /// <summary>Takes in what was read anew, and forgets what is gone. A power cut may take it: it is read again.</summary>
    /// <exception cref="StoreException">It is not written.</exception>
    public Task ReplaceAsync(IReadOnlyList<IndexedSkill> read, IReadOnlyList<(string Tier, string Folder)> gone) => _database.WriteAsync(session =>
    {
        foreach (var (tier, folder) in gone)
        {
            session.Execute("DELETE FROM skills WHERE tier = ?1 AND folder = ?2", tier, folder);
        }

        foreach (var skill in read)
        {
            session.Execute(
                "INSERT OR REPLACE INTO skills (tier, folder, reader, changed, size, inode, name, description, tools, slash, user_only, by_agent, problem, line) "
                + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                skill.Tier, skill.Folder, skill.Reader, skill.Stamp.Changed, skill.Stamp.Size, skill.Stamp.Inode, skill.Name, skill.Description,
                string.Join(Between, skill.Tools), skill.Slash, skill.UserOnly ? 1 : 0, skill.ByAgent ? 1 : 0, skill.Problem, (long?)skill.Line);
        }

        return true;
    });

    /// <exception cref="StoreException">It is not written.</exception>
    public Task UsedAsync(string name, DateTimeOffset at) => _database.WriteAsync(
        session => session.Execute(
            "INSERT INTO uses (name, last_used) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last_used = max(last_used, excluded.last_used)",
            name, at.ToUnixTimeMilliseconds()));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<SkillIndex> ReadAsync(InstancePaths paths, ILogger logger)
    {
        var database = await SqliteDatabase.OpenAsync(paths, SkillSchema.Schema, logger);
        try
        {
            var (skills, uses) = await database.ReadAsync(session => (Indexed(session), Used(session)));
            return new SkillIndex(database, skills, uses);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static List<IndexedSkill> Indexed(SqliteSession session)
    {
        var skills = new List<IndexedSkill>();
        using var rows = session.Query("SELECT tier, folder, reader, changed, size, inode, name, description, tools, slash, user_only, by_agent, problem, line FROM skills");
        while (rows.Read())
        {
            skills.Add(new IndexedSkill(rows.Text(0), rows.Text(1), (int)rows.Integer(2), new FileStamp(rows.Integer(3), rows.Integer(4), rows.Integer(5)))
            {
                Name = rows.TextOrNull(6),
                Description = rows.TextOrNull(7),
                Tools = rows.Text(8).Split(Between, StringSplitOptions.RemoveEmptyEntries),
                Slash = rows.TextOrNull(9),
                UserOnly = rows.Integer(10) != 0,
                ByAgent = rows.Integer(11) != 0,
                Problem = rows.TextOrNull(12),
                Line = (int?)rows.IntegerOrNull(13),
            });
        }

        return skills;
    }

    private static Dictionary<string, DateTimeOffset> Used(SqliteSession session)
    {
        var uses = new Dictionary<string, DateTimeOffset>(StringComparer.OrdinalIgnoreCase);
        using var rows = session.Query("SELECT name, last_used FROM uses");
        while (rows.Read())
        {
            uses[rows.Text(0)] = DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(1));
        }

        return uses;
    }

    /// <summary>Renamed, not deleted: somebody may want to see what was in it. Its log goes with it, or SQLite would fold it into the new file.</summary>
    private static void PutAside(string file, StoreException why)
    {
        try
        {
            File.Move(file, $"{file}.damaged", overwrite: true);
            File.Delete($"{file}-wal");
            File.Delete($"{file}-shm");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(why.Store, why.Code, $"{why.Message} It could not be put aside: {e.Message}", e);
        }
    }

    [LoggerMessage(EventName = "skills_index_rebuilt", Level = LogLevel.Warning, Message = "{Path} was damaged and is made anew from the skill folders; what was there is in {Aside}. Only the times of last use are lost")]
    private static partial void LogRebuilt(ILogger log, string path, string aside);
}
