namespace ProtoAgent.Agent.Turns;

/// <summary>How often the work of what runs here has been passed on from agent to agent before it came here.</summary>
public static class TurnHops
{
    private static readonly AsyncLocal<int> s_current = new();

    public static int Current
    {
        get => s_current.Value;
        internal set => s_current.Value = value;
    }
}
