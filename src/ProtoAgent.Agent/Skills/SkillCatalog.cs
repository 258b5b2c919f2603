using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Skills;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// The skills there are now. The folders are authoritative: whoever asks gets what lies there at that moment, read again only
/// where something changed. See README.md.
/// </summary>
public sealed partial class SkillCatalog : IAsyncDisposable
{
    /// <summary>Looked through again after so long whatever the kernel says: a network file system tells it nothing. Only when asked, never by itself.</summary>
    private static readonly TimeSpan s_longestTrust = TimeSpan.FromSeconds(30);

    /// <summary>Broken skills that get a standing warning each; the list has all.</summary>
    private const int MostWarnings = 20;

    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly Func<Task<SkillIndex>>? _open;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SkillWatch _watch;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _uses = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<(string Tier, string Folder), IndexedSkill> _read = [];
    private SkillIndex? _index;
    private StoreException? _closed;
    private Task _keeping = Task.CompletedTask;
    private volatile SkillSet? _set;
    private bool _disposed;
    private long _looked;

    /// <param name="own">The instance's folder of skills.</param>
    /// <param name="commons">The box's.</param>
    /// <param name="index">Opens the index when the first skill is found; null to do without.</param>
    public SkillCatalog(string own, string commons, SkillScope scope, Func<Task<SkillIndex>>? index, TimeProvider time, ILogger<SkillCatalog> logger)
    {
        Commons = new SkillTier(SkillSource.Commons, commons);
        var mine = new SkillTier(SkillSource.Own, own);
        Scope = scope;
        Tiers = scope switch
        {
            SkillScope.Scoped => [mine],
            SkillScope.Shared => [Commons],
            _ => [mine, Commons],
        };
        _open = index;
        _time = time;
        _logger = logger;
        _watch = new SkillWatch(logger);
    }

    public SkillScope Scope { get; }

    /// <summary>Those found last, which may have changed since. For who can't wait.</summary>
    public SkillSet Known => _set ?? SkillSet.Empty;

    /// <summary>Those that are read, the winning one first; it is the one that is written.</summary>
    internal IReadOnlyList<SkillTier> Tiers { get; }

    internal SkillTier Commons { get; }

    /// <summary>Looks at the folders in the background, so that the first question need not wait for it.</summary>
    public void Start() => _ = RefreshAsync(CancellationToken.None).ContinueWith(
        t => LogFailed(_logger, t.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>The skills as they are now.</summary>
    public ValueTask<SkillSet> CurrentAsync(CancellationToken cancellationToken) => IsStale() ? new(RefreshAsync(cancellationToken)) : new(_set!);

    /// <summary>When it was last used; null if that is not known.</summary>
    public DateTimeOffset? LastUsed(string name) => _uses.TryGetValue(name, out var at) ? at : null;

    /// <summary>It is used now: of many skills those used lately are told of in full.</summary>
    public async Task UsedAsync(string name)
    {
        var now = _time.GetUtcNow();
        _uses[name] = now;
        await KeepAsync(index => index.UsedAsync(name, now));
    }

    /// <summary>Standing problems. What changed since the last look is looked at meanwhile, and is said the next time.</summary>
    public IReadOnlyList<StandingWarning> Warnings()
    {
        if (_set is not null && IsStale())
        {
            Start();
        }

        var problems = Known.Problems;
        var warnings = problems.Take(MostWarnings)
            .Select(p => new StandingWarning("skill_broken", $"A skill can't be used: {p}", "The others can. Mend the file; no restart is needed ('protoagent skills check' looks again)."))
            .ToList();
        if (problems.Count > MostWarnings)
        {
            warnings.Add(new StandingWarning("skill_broken", $"{problems.Count - MostWarnings} more skills can't be used.", "'protoagent skills check' names them all."));
        }

        if ((_closed ?? _index?.Problem) is { } trouble)
        {
            warnings.Add(new StandingWarning(trouble.Code, trouble.Message, "Skills work without it: their folders are read at each start, and when which was used last is not remembered."));
        }

        return warnings;
    }

    public async ValueTask DisposeAsync()
    {
        await _looking.WaitAsync();
        try
        {
            _disposed = true;
            await _keeping;
            _watch.Dispose();
            if (_index is not null)
            {
                await _index.DisposeAsync();
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Something was written: known also where the kernel does not say so.</summary>
    internal void Touch() => _watch.Touch();

    private bool IsStale() => _set is null || _watch.HasChanged() || _time.GetElapsedTime(Volatile.Read(ref _looked)) > s_longestTrust;

    private async Task<SkillSet> RefreshAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            // Another asker may have looked meanwhile; or the instance has stopped, and nothing is opened again.
            return !_disposed && IsStale() ? await Task.Run(LookAsync, CancellationToken.None) : Known;
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task<SkillSet> LookAsync()
    {
        var began = _time.GetTimestamp();
        Volatile.Write(ref _looked, began);
        _watch.Begin();
        var now = _time.GetUtcNow();
        var read = new Dictionary<(string, string), IndexedSkill>();
        var problems = new List<SkillProblem>();
        var tiers = new List<(SkillTier, IReadOnlyList<IndexedSkill>)>();
        var walks = Tiers.Select(t => new SkillWalk(t, _watch)).ToList();
        walks.ForEach(w => w.Run());
        if (_open is not null && _index is null && _closed is null && walks.Exists(w => w.Found.Count > 0))
        {
            // Not before there is something to keep: an instance without skills of its own does without the file.
            await OpenAsync(_open);
        }

        foreach (var walk in walks)
        {
            problems.AddRange(walk.Problems);
            var skills = walk.Found.Select(f => SkillReader.Read(walk.Tier, f, _read.GetValueOrDefault((walk.Tier.Name, f.Folder)), now)).ToList();
            tiers.Add((walk.Tier, skills));
            skills.ForEach(s => read.Add((s.Tier, s.Folder), s));
        }

        var anew = Keep(_read, read);
        _read = read;
        var set = new SkillSet(BundledSkills.All, tiers, problems);
        foreach (var problem in set.Problems.Except(Known.Problems))
        {
            LogBroken(_logger, problem.ToString());
        }

        if (_set is null)
        {
            LogFound(_logger, set.Skills.Count, anew, read.Count, _time.GetElapsedTime(began).TotalMilliseconds);
        }

        return _set = set;
    }

    private async Task OpenAsync(Func<Task<SkillIndex>> open)
    {
        try
        {
            _index = await open();
            _read = _index.Skills.ToDictionary(s => (s.Tier, s.Folder));
            foreach (var (name, at) in _index.Uses)
            {
                _uses.TryAdd(name, at);
            }
        }
        catch (StoreException e)
        {
            _closed = e;
            LogNoIndex(_logger, e.Message);
        }
    }

    /// <summary>Nobody waits for it: what is not kept is read again at the next start.</summary>
    /// <returns>How many were read anew.</returns>
    private int Keep(Dictionary<(string, string), IndexedSkill> before, Dictionary<(string, string), IndexedSkill> after)
    {
        var anew = after.Where(s => !ReferenceEquals(before.GetValueOrDefault(s.Key), s.Value)).Select(s => s.Value).ToList();
        var gone = before.Keys.Where(k => !after.ContainsKey(k)).ToList();
        if (anew.Count + gone.Count > 0)
        {
            var earlier = _keeping;
            _keeping = Task.Run(async () =>
            {
                await earlier;
                await KeepAsync(index => index.ReplaceAsync(anew, gone));
            });
        }

        return anew.Count;
    }

    private async Task KeepAsync(Func<SkillIndex, Task> keep)
    {
        try
        {
            await (_index is { } index ? keep(index) : Task.CompletedTask);
        }
        catch (StoreException e)
        {
            // Said as a standing warning for as long as it lasts.
            LogNoIndex(_logger, e.Message);
        }
    }

    [LoggerMessage(EventName = "skills", Level = LogLevel.Information, Message = "{Skills} skills; of {Files} files {Read} were read anew; {Milliseconds:0.0} ms")]
    private static partial void LogFound(ILogger log, int skills, int read, int files, double milliseconds);

    [LoggerMessage(EventName = "skill_broken", Level = LogLevel.Warning, Message = "a skill can't be used: {Problem}")]
    private static partial void LogBroken(ILogger log, string problem);

    [LoggerMessage(EventName = "skills_index", Level = LogLevel.Warning, Message = "skills go without their index: {Reason}")]
    private static partial void LogNoIndex(ILogger log, string reason);

    [LoggerMessage(EventName = "skills_failed", Level = LogLevel.Error, Message = "the skill folders could not be looked through")]
    private static partial void LogFailed(ILogger log, Exception e);
}
