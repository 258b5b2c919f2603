namespace ProtoAgent.Agent.Events;

/// <summary>Something that happened in the instance.</summary>
/// <param name="Id">Rises with every event, over restarts too.</param>
/// <param name="Topic">Dotted and snake_case: <c>job.done</c>.</param>
/// <param name="Data">A JSON object, as UTF-8.</param>
public sealed record BusEvent(long Id, string Topic, DateTimeOffset At, ReadOnlyMemory<byte> Data);
