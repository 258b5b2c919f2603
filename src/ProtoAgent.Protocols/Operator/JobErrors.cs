using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the desk refuses, as an answer. What it throws beside that (a store in trouble) is told for every surface alike.</summary>
internal static class JobErrors
{
    /// <summary>The job was changed since the version the caller named.</summary>
    public const string Changed = "job_changed";

    public static async Task<T> ToldAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (ScheduleException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, e.Code, e.Message, e.Code == "unknown_timezone" ? "timezone" : "schedule");
        }
        catch (SchedulerNotOwnedException e)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "scheduler_not_owned", e.Message);
        }
        catch (JobConflictException e)
        {
            throw new ApiException(StatusCodes.Status409Conflict, "job_conflict", e.Message);
        }
        catch (StaleJobException e)
        {
            throw new ApiException(StatusCodes.Status409Conflict, Changed, e.Message);
        }
        catch (ArgumentException e)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_job", JobFaults.Words(e), e.ParamName is "policy" or "prompt" ? e.ParamName : null);
        }
    }
}
