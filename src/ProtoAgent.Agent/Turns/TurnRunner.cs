using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

public sealed class TurnRunner(ICheckpointStore checkpoints, ModelCatalog models, string runner, TimeProvider time, ILogger<TurnRunner> logger)
{
    public TurnHandle Start(TurnRequest request) => throw new NotSupportedException($"{checkpoints.GetType()}{models.Default}{runner}{time.GetUtcNow()}{logger.IsEnabled(LogLevel.Debug)}{request}");

    public Task StopAsync(TimeSpan grace) => throw new NotSupportedException();
}

/// <summary>A request that can't be a turn. The message may be shown to whoever asked.</summary>
/// <param name="code"><c>message_blank</c>, <c>thread_id_invalid</c>, <c>model_not_found</c>, <c>shutting_down</c>.</param>
public sealed class TurnRejectedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
