using System.Text;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>Takes facts from sessions that are over, by one call of a model for each; see README.md for what happens once and what again.</summary>
public sealed partial class FactHarvest : IAsyncDisposable
{
    /// <summary>Of the chunks.</summary>
    public const string Domain = "facts";

    private const int MostAttempts = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly SessionMemory _sessions;
    private readonly ICheckpointStore _checkpoints;
    private readonly KnowledgeService _knowledge;
    private readonly ResolvedModel? _model;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly QuietWatch _quiet;

    public FactHarvest(
        SessionMemory sessions, ICheckpointStore checkpoints, KnowledgeService knowledge, ModelCatalog models, MemoryOptions options, TimeProvider time, ILogger<FactHarvest> logger)
    {
        (_sessions, _checkpoints, _knowledge, _time, _logger) = (sessions, checkpoints, knowledge, time, logger);
        _quiet = new QuietWatch(time, options.SessionIdle, HarvestAllAsync);

        // The offline model follows rules: it has no facts to find.
        if (options is { Enabled: true, ExtractFacts: true } && models.TryGet(options.Model, out var model) && model.Options.Provider != "offline")
        {
            _model = model;
            sessions.Written = s => _quiet.Touch(s.SessionId);
        }
    }

    /// <summary>Whether there is a model that finds any.</summary>
    public bool IsOn => _model is not null;

    /// <summary>The session as if it were over; how many facts came of it. Null when nothing is remembered of it.</summary>
    /// <exception cref="StoreException">The memory, the thread or the knowledge can't be read or written.</exception>
    /// <exception cref="ModelException">The model gave no answer.</exception>
    public async Task<int?> HarvestAsync(string sessionId, CancellationToken cancellationToken)
    {
        if (await _sessions.GetAsync(sessionId, cancellationToken) is not { } summary)
        {
            return null;
        }

        _quiet.Forget(sessionId);
        if (_model is null || await _checkpoints.GetOpenTurnAsync(sessionId, cancellationToken) is not null)
        {
            return 0;
        }

        var state = summary.Facts ?? new FactState(0);
        if (state.Found is null && state.Through >= summary.Head)
        {
            return 0;
        }

        var found = state.Found ?? await AskAsync(_model, summary, state, cancellationToken);
        var kept = 0;
        foreach (var fact in found)
        {
            kept += await _knowledge.AddAsync(new NewChunk(fact, ChunkTrust.Agent, Domain: Domain, Source: $"session:{sessionId}"), cancellationToken) is ChunkAdd.Duplicate ? 0 : 1;
        }

        await _sessions.ChangeAsync(sessionId, s => s.Facts is { Found: not null } its ? s with { Facts = new FactState(Math.Min(its.FoundThrough, s.Head)) } : null);
        if (found.Count > 0)
        {
            LogKept(_logger, kept, found.Count, sessionId);
        }

        return kept;
    }

    /// <inheritdoc cref="QuietWatch.FlushAsync"/>
    internal Task FlushAsync() => _quiet.FlushAsync();

    /// <summary>What is not done yet is done after the next start.</summary>
    public ValueTask DisposeAsync() => _quiet.DisposeAsync();

    private async Task HarvestAllAsync(IReadOnlyList<string> sessions, CancellationToken stopping)
    {
        foreach (var session in sessions)
        {
            try
            {
                await HarvestAsync(session, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // No timer of its own: an instance whose model is away must be able to rest.
                _quiet.Keep(session);
                LogFailed(_logger, session, e.Message);
            }
        }
    }

    /// <summary>The facts, written down beside the session before they go anywhere.</summary>
    private async Task<IReadOnlyList<string>> AskAsync(ResolvedModel model, SessionSummary summary, FactState state, CancellationToken cancellationToken)
    {
        var steps = await _checkpoints.ReadStepsAsync(summary.SessionId, Math.Max(state.Through, summary.ForgottenThrough), cancellationToken: cancellationToken);
        var transcript = FactPrompt.Transcript(steps.Where(s => s.Seq <= summary.Head));
        if (transcript is null || state.Attempts >= MostAttempts)
        {
            if (transcript is not null)
            {
                LogGivenUp(_logger, summary.SessionId, MostAttempts);
            }

            await _sessions.ChangeAsync(summary.SessionId, s => s with { Facts = new FactState(summary.Head) });
            return [];
        }

        // Counted before the call: a process that dies in it has cost what it cost.
        if (await _sessions.ChangeAsync(summary.SessionId, s => s with { Facts = state with { Attempts = state.Attempts + 1 } }) is null)
        {
            return [];
        }

        var found = FactPrompt.Read(await AnswerAsync(model, transcript, cancellationToken));
        var kept = await _sessions.ChangeAsync(
            summary.SessionId, s => s.ForgottenThrough >= summary.Head ? null : s with { Facts = new FactState(state.Through, 0, found, summary.Head) });

        // Deleted or forgotten while the model thought about it.
        return kept is null ? [] : found;
    }

    private async Task<string> AnswerAsync(ResolvedModel model, string transcript, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(model.Options.Timeout < s_patience ? model.Options.Timeout : s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var (messages, options) = FactPrompt.Ask(transcript);
        var text = new StringBuilder();
        try
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync(messages, options, either.Token).WithCancellation(either.Token))
            {
                text.Append(update.Text);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw late.IsCancellationRequested ? ModelErrors.Timeout(model.Options, inner: e) : ModelErrors.From(e, model.Options, begun: text.Length > 0);
        }

        return text.ToString();
    }

    [LoggerMessage(EventName = "facts_kept", Level = LogLevel.Information, Message = "{Kept} of {Found} facts of the session {Session} were new and are kept")]
    private static partial void LogKept(ILogger log, int kept, int found, string session);

    [LoggerMessage(EventName = "facts_failed", Level = LogLevel.Warning, Message = "no facts could be taken from the session {Session} now: {Reason}")]
    private static partial void LogFailed(ILogger log, string session, string reason);

    [LoggerMessage(EventName = "facts_given_up", Level = LogLevel.Warning, Message = "{Attempts} attempts to take facts from the session {Session} came to nothing; what was said in it by now is not tried again")]
    private static partial void LogGivenUp(ILogger log, string session, int attempts);
}
