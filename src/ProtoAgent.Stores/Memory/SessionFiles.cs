using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Stores.Memory;

/// <summary>The memory folder: a file a session, written beside and renamed. See README.md.</summary>
public sealed partial class SessionFiles(InstancePaths paths, TimeProvider time, ILogger<SessionFiles> logger)
{
    /// <summary>The most on a page.</summary>
    public const int MaxPage = 500;

    private const string Store = "memory";

    /// <summary>A file beside that is that old was left by a process that died in the middle.</summary>
    private static readonly TimeSpan s_leftOver = TimeSpan.FromHours(1);

    private readonly string _folder = paths.Memory;

    /// <summary>Why the last write failed; null when it did not.</summary>
    public StoreException? Problem { get; private set; }

    /// <summary>Null if there is none, or it can't be understood.</summary>
    /// <exception cref="StoreException">It can't be read.</exception>
    public SessionSummary? Read(string sessionId) => ReadFile(PathOf(sessionId)) is { } found && found.SessionId == sessionId ? found : null;

    /// <summary>It is whole on the disk when this returns; whoever reads meanwhile, or after a crash, finds the one before.</summary>
    /// <exception cref="StoreException">It is not written; the one before stands.</exception>
    public void Write(SessionSummary summary) => Guarded(() =>
    {
        AtomicFile.CreateFolder(_folder);
        var path = PathOf(summary.SessionId);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(summary, SessionJson.Default.SessionSummary));

        // The order of the list is that of the turns, not that of our writing.
        File.SetLastWriteTimeUtc(path, summary.Timestamp.UtcDateTime);
        Problem = null;
        return true;
    });

    /// <summary>False if there was none.</summary>
    /// <exception cref="StoreException">It is still there.</exception>
    public bool Delete(string sessionId) => Guarded(() =>
    {
        var path = PathOf(sessionId);
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        Problem = null;
        return true;
    });

    /// <summary>The latest first, without those that are forgotten.</summary>
    /// <param name="cursor">The <see cref="SessionPage.Next"/> of the page before; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    /// <exception cref="StoreException">The folder can't be read.</exception>
    public SessionPage List(int limit, string? cursor = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var (at, name) = cursor is null ? (long.MaxValue, "") : Decode(cursor);
        var items = new List<SessionSummary>();
        string? last = null;
        foreach (var file in Files().Where(f => f.At < at || (f.At == at && string.CompareOrdinal(f.Name, name) < 0)))
        {
            if (ReadFile(Path.Combine(_folder, file.Name)) is not { IsForgotten: false } summary)
            {
                continue;
            }

            if (items.Count == limit)
            {
                return new SessionPage(items, last);
            }

            items.Add(summary);
            last = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.At}:{file.Name}")));
        }

        return new SessionPage(items, null);
    }

    /// <summary>Those whose last turn ended before, the forgotten too. No other is opened.</summary>
    /// <exception cref="StoreException">The folder can't be read.</exception>
    public IEnumerable<SessionSummary> OlderThan(DateTimeOffset before) =>
        Files().Where(f => f.At < before.UtcTicks).Select(f => ReadFile(Path.Combine(_folder, f.Name))).OfType<SessionSummary>();

    private string PathOf(string sessionId) => Path.Combine(_folder, SessionFileName.Of(sessionId));

    /// <summary>By their times alone: none is opened.</summary>
    private List<(long At, string Name)> Files() => Guarded(() =>
    {
        var found = new List<(long At, string Name)>();
        var folder = new DirectoryInfo(_folder);
        foreach (var file in folder.Exists ? folder.EnumerateFiles() : [])
        {
            if (file.Name.EndsWith(SessionFileName.End, StringComparison.Ordinal))
            {
                found.Add((file.LastWriteTimeUtc.Ticks, file.Name));
            }
            else if (file.Name.EndsWith(".tmp", StringComparison.Ordinal) && file.LastWriteTimeUtc < time.GetUtcNow().UtcDateTime - s_leftOver)
            {
                file.Delete();
            }
        }

        found.Sort((a, b) => a.At != b.At ? b.At.CompareTo(a.At) : string.CompareOrdinal(b.Name, a.Name));
        return found;
    });

    private SessionSummary? ReadFile(string path) => Guarded(() =>
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SessionJson.Default.SessionSummary);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            // Not of our writing. The thread gives it back, if it is there still.
            LogDamaged(logger, path, e.Message);
            return null;
        }
    });

    private T Guarded<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Problem = new StoreException(Store, "store_failed", $"The memory in {_folder} can't be read or written: {e.Message} See to the folder's rights and the disk's space.", e);
        }
    }

    private static (long At, string Name) Decode(string cursor) =>
        Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':', 2) is [var at, { Length: > 0 } name]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? (ticks, name)
            : throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));

    [LoggerMessage(EventName = "memory_damaged", Level = LogLevel.Warning, Message = "{Path} is no summary of a session and is passed over: {Reason}")]
    private static partial void LogDamaged(ILogger log, string path, string reason);
}
