namespace ProtoAgent.Stores.Jobs;

/// <summary>The job was changed since it was read. Nothing was written.</summary>
public sealed class StaleJobException(string message) : Exception(message);

/// <summary>There is another job of that id, or one that is just the same. Nothing was written.</summary>
/// <param name="jobId">That other job.</param>
public sealed class JobConflictException(string jobId, string message) : Exception(message)
{
    public string JobId { get; } = jobId;
}

/// <summary>The run is not the caller's any more. Nothing was written; what the caller did for it is to be dropped.</summary>
public sealed class StaleFenceException(string message) : Exception(message);
