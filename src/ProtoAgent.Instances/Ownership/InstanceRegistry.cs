using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>
/// The live instances of one data home: a small file for each process, locked by it. Who holds the lock lives; pids are not
/// asked, because they mean nothing across containers.
/// </summary>
/// <param name="folder"><see cref="InstancePaths.Registry"/>. It need not exist: then nobody lives.</param>
public sealed class InstanceRegistry(string folder)
{
    private const string Entry = ".json";

    public string Folder => folder;

    /// <summary>The live instances, by id and port.</summary>
    /// <param name="sweep">Files of dead processes go on the way. False where nothing may be written yet.</param>
    public IReadOnlyList<InstanceRecord> Live(bool sweep = true)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var live = new List<InstanceRecord>();
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (Probe(path, sweep, out var content) && path.EndsWith(Entry, StringComparison.Ordinal) && Parse(content) is { } record)
            {
                live.Add(record);
            }
        }

        return [.. live.OrderBy(r => r.Instance, StringComparer.Ordinal).ThenBy(r => r.Port)];
    }

    /// <summary>Whether the process of that entry lives. False for one that is unknown, or no entry's name at all.</summary>
    public bool IsLive(string processId) =>
        Guid.TryParseExact(processId, "N", out _) && Probe(Path.Combine(folder, processId + Entry), sweep: false, out _);

    /// <summary>Adds this process. The entry goes when the registration is disposed, or the process dies.</summary>
    internal Registration Register(InstanceRecord record)
    {
        AtomicFile.CreateFolder(folder);
        return new Registration(Path.Combine(folder, record.ProcessId + Entry), record);
    }

    /// <summary>
    /// Whether whoever wrote the file lives; if not, the file may go. A shared lock, so that two who look at once don't take each
    /// other for the owner. The name of a dead process is never used again, so its file can be deleted without a race.
    /// </summary>
    private static bool Probe(string path, bool sweep, out byte[] content)
    {
        content = [];
        try
        {
            using var file = UnixFile.Open(path, create: false);
            if (file is null)
            {
                return false;
            }

            if (!UnixFile.TryLock(file, path, exclusive: false))
            {
                // Through this handle: .NET's own way of opening would try to lock, and be refused like us.
                content = new byte[RandomAccess.GetLength(file)];
                RandomAccess.Read(file, content, 0);
                return true;
            }

            // Locked an inode its owner has just replaced by a newer one: look at the path again.
            if (UnixFile.IdentityOf(path) is { } now && now != UnixFile.IdentityOf(file))
            {
                return Probe(path, sweep, out content);
            }

            if (sweep)
            {
                File.Delete(path);
            }

            return false;
        }
        catch (IOException e) when (e is not LockUnsupportedException)
        {
            // Not ours to open: somebody's, so not to be swept.
            return true;
        }
    }

    private static InstanceRecord? Parse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, OwnershipJson.Default.InstanceRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>This process's entry.</summary>
    internal sealed class Registration : IDisposable
    {
        private const int Attempts = 20;

        private readonly Lock _gate = new();
        private readonly string _path;
        private SafeFileHandle? _locked;
        private bool _isOver;

        internal Registration(string path, InstanceRecord record)
        {
            _path = path;
            Record = record;
            Publish(_ => record);
        }

        public InstanceRecord Record { get; private set; }

        /// <summary>
        /// Written beside, locked, then renamed: a reader finds the old entry or the new one, whole, and either is locked by us.
        /// </summary>
        /// <param name="change">One at a time, each of what the one before made of it.</param>
        public void Publish(Func<InstanceRecord, InstanceRecord> change)
        {
            lock (_gate)
            {
                if (_isOver)
                {
                    return;
                }

                var record = change(Record);
                var content = JsonSerializer.SerializeToUtf8Bytes(record, OwnershipJson.Default.InstanceRecord);
                for (var attempt = 1; ; attempt++)
                {
                    if (TryReplace(content) is { } next)
                    {
                        _locked?.Dispose();
                        _locked = next;
                        Record = record;
                        return;
                    }

                    if (attempt == Attempts)
                    {
                        throw new LockUnsupportedException(_path, "a new file could not be locked");
                    }
                }
            }
        }

        /// <summary>Null when a sweeper got hold of the new file in the moment before it was locked.</summary>
        private SafeFileHandle? TryReplace(byte[] content)
        {
            var beside = $"{_path}.{Guid.NewGuid():N}.tmp";
            var next = UnixFile.Open(beside, create: true)!;
            try
            {
                if (UnixFile.TryLock(next, beside, exclusive: true))
                {
                    RandomAccess.Write(next, content, 0);
                    File.Move(beside, _path, overwrite: true);
                    return next;
                }
            }
            catch (FileNotFoundException)
            {
                // Swept between the opening and the lock.
            }
            catch
            {
                File.Delete(beside);
                next.Dispose();
                throw;
            }

            File.Delete(beside);
            next.Dispose();
            return null;
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isOver = true;
                if (_locked is not null)
                {
                    File.Delete(_path);
                    _locked.Dispose();
                    _locked = null;
                }
            }
        }
    }
}
