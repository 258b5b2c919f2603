using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary>What the desk refuses, in words a model can act on.</summary>
public static class DeskCalls
{
    /// <exception cref="ToolException">It can't be done; the message says what to do instead.</exception>
    public static async Task<T> ToldAsync<T>(Func<Task<T>> ask, TimeProvider time)
    {
        try
        {
            return await ask();
        }
        catch (ScheduleException e)
        {
            // Who writes a time that is past is mistaken about what time it is.
            throw new ToolException($"{e.Message} Nothing was scheduled; it is now {time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}.", e);
        }
        catch (ArgumentException e)
        {
            throw new ToolException(JobFaults.Words(e), e);
        }
        catch (JobConflictException e)
        {
            throw new ToolException($"{e.Message} list_schedules shows the jobs there are; cancel_schedule takes one away.", e);
        }
        catch (SchedulerNotOwnedException e)
        {
            throw new ToolException($"Nothing can be scheduled here now: {e.Message} Tell the person you work for; trying again will not help by itself.", e);
        }
    }
}
