using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Agent.Turns;

/// <summary>Asks a model, and the next one if it says nothing. Gives only whole answers.</summary>
internal sealed partial class ModelCalls(TimeProvider time, TurnWatch watch, ChannelWriter<TurnEvent> events, ILogger logger)
{
    /// <param name="models">In the order they are asked.</param>
    /// <param name="silent">Nobody is told what comes: it is no part of the turn's answer.</param>
    /// <exception cref="ModelException">None gave an answer; the last one's reason.</exception>
    public async Task<ModelAnswer> AskAsync(
        IReadOnlyList<ResolvedModel> models, IReadOnlyList<ChatMessage> messages, ChatOptions settings, bool silent, CancellationToken cancelled)
    {
        for (var i = 0; ; i++)
        {
            var answer = new ModelAnswer(models[i].Name, models[i].Price);
            try
            {
                await AskAsync(models[i], answer, messages, settings, silent, cancelled);
                return answer;
            }
            catch (ModelException e) when (i + 1 < models.Count && (silent || answer.Length == 0))
            {
                // What has been passed on can't be taken back: then the failure is the turn's.
                LogFellBack(logger, models[i].Name, models[i + 1].Name, e.Code, e.Message);
                watch.FellBack();
                events.TryWrite(new TurnEvent.FellBack(models[i].Name, models[i + 1].Name, e.Code));
            }
        }
    }

    private async Task AskAsync(
        ResolvedModel model, ModelAnswer answer, IReadOnlyList<ChatMessage> messages, ChatOptions settings, bool silent, CancellationToken cancelled)
    {
        var span = watch.ModelCalled(model);
        var began = time.GetTimestamp();
        TimeSpan? first = null;
        string? failure = null;
        try
        {
            await StreamAsync(model, answer, messages, settings, OnPiece, cancelled);
        }
        catch (Exception e)
        {
            failure = e is ModelException failed ? failed.Code : "cancelled";
            throw;
        }
        finally
        {
            span.End(answer.Usage.InputTokens, answer.Usage.OutputTokens, first, model.Options.Name, answer.FinishReason, failure);
        }

        void OnPiece(string text, string thought)
        {
            first ??= time.GetElapsedTime(began);
            if (silent)
            {
                return;
            }

            watch.Piece();
            if (thought.Length > 0)
            {
                events.TryWrite(new TurnEvent.Thought(thought));
            }

            if (text.Length > 0)
            {
                events.TryWrite(new TurnEvent.Delta(text));
            }
        }
    }

    /// <summary>Returns only with a whole answer.</summary>
    private async Task StreamAsync(
        ResolvedModel model, ModelAnswer answer, IReadOnlyList<ChatMessage> messages, ChatOptions settings, Action<string, string> onPiece, CancellationToken cancelled)
    {
        using var late = new CancellationTokenSource(model.Options.Timeout, time);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancelled, late.Token);
        try
        {
            await foreach (var update in model.Client.GetStreamingResponseAsync(messages, settings, call.Token).WithCancellation(call.Token))
            {
                if (answer.Add(update) is var (text, thought) && text.Length + thought.Length > 0)
                {
                    onPiece(text, thought);
                }
            }
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancelled);
        }
        catch (Exception e)
        {
            var failed = late.IsCancellationRequested ? ModelErrors.Timeout(model.Options, inner: e) : ModelErrors.From(e, model.Options, begun: answer.Length > 0);
            throw answer.Length == 0 ? failed : new ModelException(
                failed.Code, $"{failed.Message} ({answer.Length} characters of an answer had come.)", failed.RetryAfter, failed.InnerException);
        }

        if (answer.FinishReason is null)
        {
            throw new ModelException(
                "model_stream_cut",
                $"The answer of the model {model.Name} ended without saying that it was done; the part that came ({answer.Length} characters) is discarded. Try again.");
        }

        if (!answer.HasCalls && string.IsNullOrWhiteSpace(answer.Text))
        {
            throw new ModelException("model_empty", $"The model {model.Name} gave an empty answer (it ended with '{answer.FinishReason}'). Try again, or ask differently.");
        }
    }

    [LoggerMessage(EventName = "model_fell_back", Level = LogLevel.Warning, Message = "the model {From} failed and {To} is asked instead ({Code}): {Reason}")]
    private static partial void LogFellBack(ILogger log, string from, string to, string code, string reason);
}
