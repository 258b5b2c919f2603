using System.Buffers.Binary;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.A2APush;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;
using ProtoAgent.Stores.Inbox;
using ProtoAgent.Stores.Skills;
using ProtoAgent.Stores.Sqlite;
using ProtoAgent.Stores.Telemetry;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Stores;

/// <summary>What can be said of the stores' files without opening one as a database.</summary>
public static class StoreFiles
{
    private const int HeaderLength = 100;
    private const int VersionOffset = 60;
    private const int ApplicationOffset = 68;

    private static readonly SqliteSchema[] s_schemas = [CheckpointSchema.Schema, TelemetrySchema.Schema, JobSchema.Schema, InboxSchema.Schema, ActivitySchema.Schema, SkillSchema.Schema, WorkflowSchema.Schema, KnowledgeSchema.Schema, InjectionSchema.Schema, A2APushSchema.Schema, A2ATaskSchema.Schema];

    /// <param name="Problem">Null when this program can open it.</param>
    public sealed record Examined(string Store, string Path, string? Problem);

    /// <summary>Those that exist, by their headers.</summary>
    public static IEnumerable<Examined> Examine(InstancePaths paths) =>
        from schema in s_schemas
        let path = paths.All.Single(p => p.Store == schema.Store).Path
        where File.Exists(path)
        select new Examined(schema.Store, path, Problem(schema, path));

    private static string? Problem(SqliteSchema schema, string path)
    {
        var header = new byte[HeaderLength];
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.Read(file, header, 0);
            if (length == 0)
            {
                // A start was cut off between making the file and filling it: the next one goes on.
                return null;
            }

            if (length < HeaderLength || !header.AsSpan().StartsWith("SQLite format 3\0"u8))
            {
                return $"{path} is damaged or not a database. Restore it from a backup or move it away.";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} can't be read: {e.Message}";
        }

        var application = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(ApplicationOffset));
        var version = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(VersionOffset));
        return application is not SqliteSchema.ApplicationId && (application != 0 || version != 0) ? new StoreFile(schema.Store, path).Foreign().Message
            : version > schema.Version ? new StoreFile(schema.Store, path).Newer(version, schema.Version).Message
            : null;
    }
}
