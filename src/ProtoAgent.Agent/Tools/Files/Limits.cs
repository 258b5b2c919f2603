namespace ProtoAgent.Agent.Tools.Files;

/// <summary>Numbers the model gives.</summary>
internal static class Limits
{
    /// <exception cref="ToolException">Not from 1 to <paramref name="most"/>.</exception>
    public static int Check(string name, int? given, int ifNone, int most = int.MaxValue)
    {
        if (given is null)
        {
            return ifNone;
        }

        return given >= 1 && given <= most
            ? given.Value
            : throw new ToolException(most == int.MaxValue ? $"{name} is {given}; it must be at least 1." : $"{name} is {given}; it must be from 1 to {most}.");
    }
}
