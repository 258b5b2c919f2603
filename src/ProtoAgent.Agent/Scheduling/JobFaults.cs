namespace ProtoAgent.Agent.Scheduling;

/// <summary>What <see cref="IJobDesk"/> says of a job that can't be, for people and models.</summary>
public static class JobFaults
{
    /// <summary>The message without the name of our parameter, which .NET writes behind it.</summary>
    public static string Words(ArgumentException fault)
    {
        var ours = $" (Parameter '{fault.ParamName}')";
        return fault.Message.EndsWith(ours, StringComparison.Ordinal) ? fault.Message[..^ours.Length] : fault.Message;
    }
}
